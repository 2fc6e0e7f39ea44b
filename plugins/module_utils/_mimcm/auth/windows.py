# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Windows integrated authentication: Kerberos and NTLM handshakes through pyspnego. No HTTP.

The session asks the credentials for a header, or lets them answer a server's challenge step by step.
"""

from __future__ import annotations

import base64
import importlib.util
from collections.abc import Callable
from contextlib import suppress
from threading import RLock
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth.fixed import without_token
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth.kerberos_errors import (
    is_refusal,
    sign_in_problem,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    KERBEROS,
    AuthenticationFailed,
    DirectoryUnreachable,
    MimcmError,
    MissingLibrary,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Login
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.credentials import (
    Challenge,
    Handshake,
    Token,
)

# The mechanisms that each method may use and the HTTP schemes for them, best first. Only negotiate has a choice.
MECHANISMS: dict[str, tuple[tuple[str, str], ...]] = {
    "ntlm": (("ntlm", "NTLM"), ("ntlm", "Negotiate")),
    "kerberos": (("kerberos", "Negotiate"),),
    "negotiate": (("negotiate", "Negotiate"), ("ntlm", "NTLM")),
}


def _spnego() -> Any:
    """Return pyspnego, imported only when needed: it takes as long to import as everything else in a module."""
    try:
        import spnego
        import spnego.channel_bindings
        import spnego.exceptions
    except ImportError:
        raise MissingLibrary("pyspnego", "pyspnego") from None
    return spnego


class WindowsCredentials:
    """Kerberos, NTLM, or the choice between them, through pyspnego."""

    def __init__(self, login: Login) -> None:
        _spnego()
        if _needs_kerberos(login):
            missing = next((name for name in ("gssapi", "krb5") if importlib.util.find_spec(name) is None), None)
            if missing:
                raise MissingLibrary(missing, KERBEROS)
        self._login = login
        self.lock = RLock()
        self.refused = False
        # Only Kerberos can start before the server asks, because it needs no challenge. negotiate learns from the first
        # handshake whether it is Kerberos; an NTLM token that the server did not ask for would cost a round trip.
        self._speaks_first = login.method == "kerberos"
        self._acquired: dict[bytes | None, Any] = {}

    @property
    def method(self) -> str:
        return self._login.method

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._login.secrets

    @property
    def locks_out(self) -> bool:
        return self._login.method != "kerberos" and self._login.password is not None

    def authorization(self) -> str | None:
        return None

    def begin(self, host: str, certificate: bytes | None) -> tuple[Handshake, str] | None:
        if not self._speaks_first:
            return None
        challenge = Challenge({}, host, certificate)
        used = self._acquired.get(certificate)
        if used is not None:
            # The tickets of the last context are used again; they may have expired since.
            with suppress(AuthenticationFailed, DirectoryUnreachable):
                again = _SpnegoHandshake(self._login, "Negotiate", host, used.new_context, certificate)
                return _begun(again, challenge)
        try:
            return _begun(self._fresh("kerberos", "Negotiate", challenge), challenge)
        except (AuthenticationFailed, DirectoryUnreachable):
            if self._login.method == "kerberos":
                raise
            # negotiate can still wait for the server's challenge and answer it with NTLM.
            self._speaks_first = False
            return None

    def handshake(self, challenge: Challenge) -> Handshake | None:
        usable = [(mech, scheme) for mech, scheme in MECHANISMS[self._login.method] if challenge.offered(scheme)]
        return self._fresh(*usable[0], challenge) if usable else None

    def succeeded(self, handshake: Handshake) -> None:
        if isinstance(handshake, _SpnegoHandshake) and handshake.mechanism == "kerberos":
            self._speaks_first = True
            self._acquired = {handshake.certificate: handshake.context}

    def renew(self) -> bool:
        return False

    def acquire(self) -> Token:
        raise without_token(self.method)

    def _fresh(self, mechanism: str, scheme: str, challenge: Challenge) -> _SpnegoHandshake:
        bound = self._login.channel_bindings != "never"

        def client() -> Any:
            return _spnego().client(
                *_identity(self._login),
                hostname=challenge.host,
                service="HTTP",
                protocol=mechanism,
                channel_bindings=_channel_bindings(challenge.certificate) if bound else None,
            )

        return _SpnegoHandshake(self._login, scheme, challenge.host, client, challenge.certificate)


def _begun(handshake: _SpnegoHandshake, challenge: Challenge) -> tuple[Handshake, str] | None:
    header = handshake.answer(challenge)
    return (handshake, header) if header else None


def _needs_kerberos(login: Login) -> bool:
    return login.method == "kerberos" or (login.method == "negotiate" and login.password is None)


def _identity(login: Login) -> tuple[Any, str | None]:
    """Return user name and password for pyspnego, which also takes a keytab or a ticket cache instead of the name."""
    if login.keytab:
        return _spnego().KerberosKeytab(login.keytab, login.username), None
    if login.ticket_cache:
        return _spnego().KerberosCCache(login.ticket_cache, login.username), None
    return login.username, login.password


class _SpnegoHandshake:
    """The steps of one security context.

    Args:
        login: Who signs in.
        scheme: The HTTP scheme that carries the tokens.
        host: The server's name.
        make: Makes the security context.
        certificate: The certificate that the context is bound to.
    """

    def __init__(
        self, login: Login, scheme: str, host: str, make: Callable[[], Any], certificate: bytes | None
    ) -> None:
        self._login, self._scheme, self._host = login, scheme, host
        self._begun = False
        self.certificate = certificate
        self.context = self._guarded(make)

    @property
    def mechanism(self) -> str:
        """The negotiated mechanism: kerberos or ntlm."""
        return self.context.negotiated_protocol or self._login.method

    @property
    def description(self) -> str:
        """The negotiated mechanism and scheme, for verbose output."""
        return f"{self.mechanism} under the scheme {self._scheme}"

    def answer(self, challenge: Challenge) -> str | None:
        """See Handshake."""
        received = challenge.token(self._scheme)
        # If the server offers the scheme without a token after one was sent, it has refused that one.
        if self.context.complete or (self._begun and received is None):
            return None
        self._begun = True
        try:
            token = self.context.step(received)
        except Exception as error:
            if received is not None and is_refusal(error):
                # The server says so in a token.
                return None
            raise self._problem(error) from None
        return f"{self._scheme} {base64.b64encode(token).decode()}" if token else None

    def finish(self, challenge: Challenge) -> None:
        """See Handshake."""
        token = challenge.token(self._scheme)
        if token and not self.context.complete:
            self._guarded(lambda: self.context.step(token))

    def _guarded(self, action: Callable[[], Any]) -> Any:
        """Run a step of pyspnego, which raises exceptions of gssapi and krb5 beside its own."""
        try:
            return action()
        except Exception as error:
            raise self._problem(error) from None

    def _problem(self, error: Exception) -> MimcmError:
        if isinstance(error, ImportError):
            return MissingLibrary("gssapi", KERBEROS)
        return sign_in_problem(error, self._login, self._host)


def _channel_bindings(certificate: bytes | None) -> Any:
    """Return the tls-server-end-point bindings of RFC 5929: a digest of the server's certificate."""
    if certificate is None:
        return None
    # No further requirement: pyspnego itself needs cryptography.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    parsed = x509.load_der_x509_certificate(certificate)
    algorithm = parsed.signature_hash_algorithm
    if algorithm is None or algorithm.name in ("md5", "sha1"):
        algorithm = hashes.SHA256()
    return _spnego().channel_bindings.GssChannelBindings(
        application_data=b"tls-server-end-point:" + parsed.fingerprint(algorithm)
    )

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who the caller is: credentials from options, and the handshakes of Windows integrated authentication. No HTTP.

transport.py asks the credentials for a header, or lets them answer a server's challenge step by step.
"""

from __future__ import annotations

import base64
import binascii
import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import AuthenticationFailed, MissingLibrary
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Login

# What each method may say under which HTTP scheme, best first. Only negotiate chooses between mechanisms.
_MECHANISMS: dict[str, tuple[tuple[str, str], ...]] = {
    "ntlm": (("ntlm", "NTLM"), ("ntlm", "Negotiate")),
    "kerberos": (("kerberos", "Negotiate"),),
    "negotiate": (("negotiate", "Negotiate"), ("ntlm", "NTLM")),
}

_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s|,|$)(?:\s+([A-Za-z0-9+/]+=*)(?=\s*(?:,|$)))?")


_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')


@dataclass(frozen=True)
class Challenge:
    """What came with a 401.

    Args:
        schemes: Each scheme that the server offers, as it spells it, with the token beside it.
        host: The server's name.
        certificate: The server's certificate in DER, over TLS.
    """

    schemes: dict[str, bytes | None]
    host: str
    certificate: bytes | None = None

    def offered(self, scheme: str) -> bool:
        """Whether the server offers a scheme, in any spelling."""
        return scheme.lower() in (name.lower() for name in self.schemes)

    def token(self, scheme: str) -> bytes | None:
        """The server's token for a scheme."""
        return next((token for name, token in self.schemes.items() if name.lower() == scheme.lower()), None)


class Handshake(Protocol):
    """A conversation with one server on one connection."""

    @property
    def description(self) -> str:
        """What was negotiated, for verbose output."""

    def answer(self, challenge: Challenge) -> str | None:
        """Return the next Authorization header, or None when there is nothing more to say."""

    def finish(self, challenge: Challenge) -> None:
        """Check the token that came with the server's consent."""


class Credentials(Protocol):
    """What a login can do for a call."""

    @property
    def method(self) -> str:
        """The login's auth_method, for messages."""

    def authorization(self) -> str | None:
        """Return the Authorization header to send with every call, if any."""

    def handshake(self, challenge: Challenge) -> Handshake | None:
        """Return the handshake that answers a challenge, if there is one."""


def credentials(login: Login) -> Credentials:
    """Return the credentials for a login.

    Raises:
        MissingLibrary: The method needs a Python library that is not there.
    """
    if login.method in _MECHANISMS:
        return _Integrated(login)
    return _Static(login.method, f"Bearer {login.token}" if login.method == "token" else None)


def parse_schemes(headers: Iterable[str]) -> dict[str, bytes | None]:
    """Return the schemes and tokens of WWW-Authenticate headers."""
    found: dict[str, bytes | None] = {}
    for header in headers:
        for scheme, token in _SCHEME.findall(_QUOTED.sub('""', header)):
            found[scheme] = _decoded(token)
    return found


def _spnego() -> Any:
    """Return pyspnego, imported when it is first needed: it takes as long as all else that a module imports."""
    try:
        import spnego
        import spnego.channel_bindings
        import spnego.exceptions
    except ImportError:
        raise MissingLibrary("pyspnego", "pyspnego") from None
    return spnego


def _decoded(token: str) -> bytes | None:
    try:
        return base64.b64decode(token) if token else None
    except binascii.Error:
        return None


@dataclass(frozen=True, repr=False)
class _Static:
    """The same header with every call, or none."""

    method: str
    header: str | None

    def authorization(self) -> str | None:
        return self.header

    def handshake(self, challenge: Challenge) -> Handshake | None:
        return None


class _Integrated:
    """Kerberos, NTLM, or the choice between them, through pyspnego."""

    def __init__(self, login: Login) -> None:
        _spnego()
        needs_kerberos = login.method == "kerberos" or (login.method == "negotiate" and login.password is None)
        if needs_kerberos and importlib.util.find_spec("gssapi") is None:
            raise MissingLibrary("gssapi", "pyspnego[kerberos]")
        self._login = login

    @property
    def method(self) -> str:
        return self._login.method

    def authorization(self) -> str | None:
        return None

    def handshake(self, challenge: Challenge) -> Handshake | None:
        usable = [(mech, scheme) for mech, scheme in _MECHANISMS[self._login.method] if challenge.offered(scheme)]
        if not usable:
            return None
        mechanism, scheme = usable[0]
        return _SpnegoHandshake(self._login, mechanism, scheme, challenge)


class _SpnegoHandshake:
    """The steps of one security context."""

    def __init__(self, login: Login, mechanism: str, scheme: str, challenge: Challenge) -> None:
        self._scheme = scheme
        self._method = login.method
        self._host = challenge.host
        self._begun = False
        self._context = self._guarded(
            lambda: _spnego().client(
                login.username,
                login.password,
                hostname=challenge.host,
                service="HTTP",
                protocol=mechanism,
                channel_bindings=_channel_bindings(challenge.certificate),
            )
        )

    @property
    def description(self) -> str:
        """What was negotiated, for verbose output."""
        return f"{self._context.negotiated_protocol or self._method} under the scheme {self._scheme}"

    def answer(self, challenge: Challenge) -> str | None:
        received = challenge.token(self._scheme)
        # An offer without a token, after a token was sent, begins again: the server has refused.
        if self._context.complete or (self._begun and received is None):
            return None
        self._begun = True
        token = self._guarded(lambda: self._context.step(received))
        return f"{self._scheme} {base64.b64encode(token).decode()}" if token else None

    def finish(self, challenge: Challenge) -> None:
        token = challenge.token(self._scheme)
        if token and not self._context.complete:
            self._guarded(lambda: self._context.step(token))

    def _guarded(self, action: Any) -> Any:
        """Run a step of the security library, which lets the exceptions of gssapi and krb5 through beside its own."""
        try:
            return action()
        except ImportError:
            raise MissingLibrary("gssapi", "pyspnego[kerberos]") from None
        except Exception as error:
            reason = " ".join(str(getattr(error, "message", error)).split())
            raise AuthenticationFailed(
                f"Signing in to {self._host} with auth_method {self._method} failed on this side: {reason}; "
                + _REMEDY.get(self._method, _REMEDY["negotiate"])
            ) from None


_REMEDY = {
    "ntlm": "check username (DOMAIN\\name) and password.",
    "kerberos": "get a ticket with kinit, name a client keytab in KRB5_CLIENT_KTNAME, or check username and password.",
    "negotiate": "get a Kerberos ticket with kinit, or check username and password.",
}


def _channel_bindings(certificate: bytes | None) -> Any:
    """Return the tls-server-end-point bindings of RFC 5929: a digest of the server's certificate."""
    if certificate is None:
        return None
    # cryptography is what pyspnego itself stands on.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    parsed = x509.load_der_x509_certificate(certificate)
    algorithm = parsed.signature_hash_algorithm
    if algorithm is None or algorithm.name in ("md5", "sha1"):
        algorithm = hashes.SHA256()
    return _spnego().channel_bindings.GssChannelBindings(
        application_data=b"tls-server-end-point:" + parsed.fingerprint(algorithm)
    )

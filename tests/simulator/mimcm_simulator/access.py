# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is calling: bearer tokens, and NTLM and Kerberos as IIS handles them."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import bindings

if TYPE_CHECKING:
    from spnego import ContextProxy

SCHEMES = ("none", "token", "ntlm", "negotiate", "kerberos")
ANONYMOUS = "anonymous"

# What is said of a token whose claims do not fit.
_CLAIMS = {"aud": "The audience is invalid", "upn": "The token names no user"}

_OFFERS = {"token": "Bearer", "negotiate": "Negotiate", "kerberos": "Negotiate", "ntlm": "NTLM"}


@dataclass(frozen=True)
class Access:
    schemes: frozenset[str] = frozenset({"none"})
    tokens: tuple[str, ...] = ()
    # Public key in PEM and audience of the tokens of AD FS.
    token_key: bytes | None = None
    token_audience: str = ""
    # tls-server-end-point of the server's certificate; None without TLS.
    end_point: bytes | None = None
    require_bindings: bool = False
    persist_kerberos: bool = False


@dataclass
class Connection:
    """IIS keeps the state of a handshake, and NTLM's user, with the TCP connection."""

    number: int
    user: str | None = None
    scheme: str = ""
    context: ContextProxy | None = None


@dataclass
class Verdict:
    """A user, or the challenges of a 401. With a user, the challenges go along with the answer."""

    user: str | None = None
    challenges: list[str] = field(default_factory=list)
    began_handshake: bool = False


def offers(access: Access) -> list[str]:
    """IIS names Negotiate before NTLM."""
    return list(dict.fromkeys(offer for scheme, offer in _OFFERS.items() if scheme in access.schemes))


def authenticate(access: Access, connection: Connection, header: str, now: float) -> Verdict:
    if "none" in access.schemes:
        return Verdict(ANONYMOUS)
    scheme, _dummy, credentials = header.strip().partition(" ")
    offered = {offer.lower() for offer in offers(access)}
    if not header:
        return Verdict(connection.user) if connection.user else Verdict(challenges=offers(access))
    if scheme.lower() not in offered:
        return Verdict(challenges=offers(access))
    if scheme.lower() == "bearer":
        return _bearer(access, credentials, now)
    return _handshake(access, connection, scheme.lower(), credentials)


def _bearer(access: Access, credentials: str, now: float) -> Verdict:
    given = credentials.strip().encode()
    for index, token in enumerate(access.tokens, 1):
        if hmac.compare_digest(given, token.encode()):
            # The log must never hold the token itself.
            return Verdict(f"token-{index}")
    if access.token_key is None:
        return Verdict(challenges=offers(access))
    return _signed(access, access.token_key, credentials.strip(), now)


def _signed(access: Access, key: bytes, token: str, now: float) -> Verdict:
    """The user of a token of AD FS. One that was issued to a client alone names none: nobody is calling then."""
    from joserfc import errors, jwk, jwt

    claims: dict[str, Any] = {}
    try:
        claims = jwt.decode(token, jwk.RSAKey.import_key(key), algorithms=["RS256"]).claims
        expected = jwt.JWTClaimsRegistry(
            now=int(now),
            aud={"essential": True, "value": access.token_audience},
            exp={"essential": True},
            upn={"essential": True},
        )
        expected.validate(claims)
    except errors.ExpiredTokenError:
        return _refused_token(access, "The token is expired")
    except errors.ClaimError as problem:
        return _refused_token(access, _CLAIMS.get(problem.claim, "The token is invalid"))
    except errors.BadSignatureError:
        return _refused_token(access, "The signature is invalid")
    except (errors.JoseError, ValueError):
        return _refused_token(access)
    return Verdict(str(claims["upn"]))


def _refused_token(access: Access, why: str = "") -> Verdict:
    """ASP.NET says with the offer what is wrong with a token."""
    told = 'Bearer error="invalid_token"' + (f', error_description="{why}"' if why else "")
    return Verdict(challenges=[told if offer == "Bearer" else offer for offer in offers(access)])


def _handshake(access: Access, connection: Connection, scheme: str, credentials: str) -> Verdict:
    connection.user = None
    try:
        token = base64.b64decode(credentials.strip(), validate=True)
    except (binascii.Error, ValueError):
        token = b""
    began = bindings.begins_handshake(token)
    if began or connection.scheme != scheme:
        connection.context = _new_context(access, scheme) if began else None
        connection.scheme = scheme
    if not token or connection.context is None:
        connection.context = None
        return Verdict(challenges=offers(access))
    verdict = _step(access, connection, token)
    verdict.began_handshake = began
    return verdict


def _new_context(access: Access, scheme: str) -> ContextProxy:
    import spnego

    # A Kerberos-only server still has to understand SPNEGO; what came out of it is checked afterwards.
    return spnego.server(protocol="ntlm" if scheme == "ntlm" else "negotiate", service="HTTP")


def _step(access: Access, connection: Connection, token: bytes) -> Verdict:
    context = connection.context
    assert context is not None
    try:
        answer = _accept(access, context, token)
    except Exception:
        # Whatever a malformed or refused token raises deep inside, IIS answers with a fresh 401.
        connection.context = None
        return Verdict(challenges=offers(access))
    label = "NTLM" if connection.scheme == "ntlm" else "Negotiate"
    challenge = [f"{label} {base64.b64encode(answer).decode()}"] if answer else []
    if not context.complete:
        return Verdict(challenges=challenge)
    connection.context = None
    if not _acceptable(access, context):
        return Verdict(challenges=offers(access))
    user = context.client_principal or ANONYMOUS
    if context.negotiated_protocol == "ntlm" or access.persist_kerberos:
        connection.user = user
    return Verdict(user, challenge)


def _accept(access: Access, context: ContextProxy, token: bytes) -> bytes | None:
    if access.end_point is None:
        return context.step(token)
    from spnego.channel_bindings import GssChannelBindings

    own = GssChannelBindings(application_data=access.end_point)
    if bindings.is_ntlm_authenticate(token) and not bindings.ntlm_is_bound(token):
        if access.require_bindings:
            raise PermissionError("The token carries no channel bindings.")
        return context.step(token)
    return context.step(token, channel_bindings=own)


def _acceptable(access: Access, context: ContextProxy) -> bool:
    if context.negotiated_protocol == "ntlm":
        return "ntlm" in access.schemes or "negotiate" in access.schemes
    return not (access.require_bindings and access.end_point) or bindings.kerberos_is_bound(context)

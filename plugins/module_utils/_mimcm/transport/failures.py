# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn failures of HTTP and TLS into errors for the user. Of a body, only the server's error message is repeated."""

from __future__ import annotations

import datetime
import email.utils
import http
import json
import re
import socket
import ssl
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AuthenticationFailed,
    CertificateRejected,
    ConnectionFailed,
    Forbidden,
    HostUnknown,
    InvalidAnswer,
    MimcmError,
    NotFound,
    RequestRejected,
    ServerError,
    ServerUnavailable,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.causes import causes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import repeats
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import clause
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call, Operation, Reply
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.trust import (
    mismatch,
    number_of,
    remedy_for,
)

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MESSAGE_LENGTH = 300
# Of what a server says, so much is looked at: enough for a message and the correlation id in it.
_LOOKED_AT = 2000
_ERROR_BODY_MAX = 1_000_000
_DATE_LENGTH = 64
# What a proxy answers to CONNECT, in the words of http.client and of PySocks.
_TUNNEL = re.compile(r"^(?:Tunnel connection failed: (?P<http>[0-9]{3})\b|(?P<socks>0x[0-9a-fA-F]{2}): )")
# The answers of a SOCKS proxy (RFC 1928, section 6, and the memo on SOCKS 4).
_SOCKS = {
    "0x01": "that it failed",
    "0x02": "that its rules do not allow this server",
    "0x03": "that the server's network cannot be reached",
    "0x04": "that the server cannot be reached",
    "0x05": "that the server refuses connections",
    "0x06": "that the time is up",
    "0x07": "that it knows no such command",
    "0x08": "that it knows no such kind of address",
    "0x5b": "that it refuses the request or failed",
    "0x5c": "that it cannot reach identd on this host",
    "0x5d": "that identd on this host names another user",
}
# The exceptions of urllib3, requests and PySocks about a proxy, and what some of them mean.
_PROXY_REASONS = {
    "InvalidProxyURL": "its address is not valid",
    "ProxySchemeUnknown": "its address is not valid",
    "SOCKS5AuthError": "it does not accept the user name and the password in its address",
}
_PROXY = {"ProxyError", *_PROXY_REASONS}
# The exceptions of urllib3 and requests for a host name that no name service could know.
_NO_HOST = {"LocationParseError", "LocationValueError", "InvalidURL", "UnicodeError", "UnicodeEncodeError"}
# Those that they raise before anything was sent.
_NOT_CONNECTED = {"NewConnectionError", "ConnectTimeout", "ConnectTimeoutError"}
_NOT_HTTP = {"InvalidHeader", "InvalidHeaderError", "ValueError", "UnicodeDecodeError"}
# Of http.client and urllib3, within one of those that say that a connection broke off.
_LINE_TOO_LONG = {"LineTooLong"}
_NOT_UNPACKED = {"ContentDecodingError", "DecodeError"}
# The remedies, by auth_method, for when the server refused the credentials.
_REFUSED = {
    "kerberos": (
        "check that the service principal of the url's host belongs to the account that runs the server (setspn -Q "
        "HTTP/host), and check the server's clock"
    ),
    "negotiate": "check the credentials: username and password, or the ticket and the server's service principal",
    "ntlm": "check the credentials: username (DOMAIN\\name) and password",
    "token": "check the credentials: the token may have expired, or may be for another server",
    "adfs": "check the credentials: the server may not know AD FS, resource, or the user in the token",
}
# Over TLS, these bind what they send to the certificate that this side sees.
_BOUND_METHODS = {"kerberos", "negotiate", "ntlm"}
_BOUND = (
    "if they are right, a balancer or a proxy may end TLS with a certificate of its own, which needs channel_bindings: "
    "never, while a server that requires Extended Protection needs auto"
)
_SCHEMES = {"negotiate", "ntlm", "kerberos", "bearer", "basic", "digest"}
_METHODS = {"negotiate": "negotiate", "ntlm": "ntlm", "bearer": "token"}


def from_exception(error: BaseException, url: str, doing: str, timeout: float) -> MimcmError:
    """Return the error for an exception of requests, urllib3 or the socket below.

    The exceptions' own texts are not used, because some quote the header or the address that is wrong.
    """
    chain = list(causes(error))
    certificate, host = _first(chain, ssl.SSLCertVerificationError), urlsplit(url).hostname or ""
    if certificate is not None:
        return CertificateRejected(
            f"The certificate of {url} is not trusted",
            where=doing,
            reason=clause(certificate.verify_message),
            remedy=remedy_for(number_of(certificate), host),
        )
    if "CertificateError" in _names(chain):
        # urllib3 compares the names itself where OpenSSL is too old to.
        return CertificateRejected(
            f"The certificate of {url} is not trusted",
            where=doing,
            reason="it is for another host name",
            remedy=remedy_for(mismatch(host), host),
        )
    if _names(chain) & _NOT_UNPACKED:
        return InvalidAnswer(
            f"The answer of {url} is compressed and cannot be unpacked", where=doing, remedy="check the server"
        )
    # With the schemes socks4 and socks5, it is this side that looks up the server's name, and not the proxy.
    unknown_name = _first(chain, socket.gaierror) is not None and "GeneralProxyError" in _names(chain)
    if _names(chain) & _PROXY and not unknown_name:
        return proxy_failed(url, doing, _proxy_refusal(chain) or _reason(chain, timeout))
    if _first(chain, socket.gaierror) is not None:
        return HostUnknown(
            f"The host name in {url} does not resolve",
            where=doing,
            remedy="check url and DNS",
            sent=False,
        )
    if _names(chain) & _NO_HOST:
        return HostUnknown(f"The url {url} names a host that cannot exist", where=doing, remedy="check url", sent=False)
    return ConnectionFailed(
        f"Could not reach {url}",
        where=doing,
        reason=_reason(chain, timeout),
        remedy="check url, that the server is running, and the network in between",
        sent=not _names(chain) & _NOT_CONNECTED,
    )


def timed_out(error: BaseException) -> TimeoutError:
    """Return a time-out in place of what a call raised that was broken off, or that could not even connect in time."""
    told = _names(list(causes(error))) & {*_NOT_CONNECTED, "ProxyError"}
    # What it raised otherwise says only how it was broken off.
    return TimeoutError(error) if told else TimeoutError()


def from_answer(reply: Reply, operation: Operation, call: Call, retry: bool) -> MimcmError:
    """Return the error for a reply that is neither a success nor a 401."""
    status, url = reply.status, call.url
    about: dict[str, Any] = {"where": call.doing, "http_status": status}
    if retry:
        return ServerUnavailable(
            f"The server is busy or temporarily unavailable ({_status(status)}) at {url}",
            remedy="try again later",
            retry_after=_retry_after(reply),
            **about,
        )
    if status == 407:
        return proxy_failed(url, call.doing, f"it answered {status}")
    if status == 403:
        return forbidden(Forbidden, operation, call, status)
    if status == 404:
        missing = "there is no such item, or " if operation.item else ""
        return NotFound(
            f"{url} was not found on the server (404)",
            reason=f"{missing}the API is not enabled there (Clm.WebApi.Enabled in Web.config), or api_path is wrong",
            **about,
        )
    if 300 <= status < 400:
        place = "another address" if operation.secret else _place(reply, call)
        return RequestRejected(
            f"{url} redirects to {place} ({status})",
            remedy="redirects are not followed, so set url and api_path to the server's own address",
            **about,
        )
    message, correlation_id = _server_message(reply, call)
    said = f"and says: {message}" if message and not operation.secret else None
    if status == 500:
        log = "the server's event log"
        remedy = f"find correlation id {correlation_id} in {log}" if correlation_id else f"look in {log}"
        return ServerError(
            "The server failed (500)", addition=said, remedy=remedy, correlation_id=correlation_id, **about
        )
    return RequestRejected(f"The server answered {_status(status)} at {url}", addition=said, **about)


def forbidden(kind: type[Forbidden], operation: Operation, call: Call, status: int) -> Forbidden:
    """Return the error for an operation that the account may not carry out; it names the missing permission."""
    return kind(
        f"The server does not permit the use of {call.url} ({status})",
        where=call.doing,
        remedy=f"the account needs {operation.permission}",
        http_status=status,
    )


def _status(status: int) -> str:
    """Return a status with its standard name, because the reason phrase that a server sends may be anything."""
    phrase = next((known.phrase for known in http.HTTPStatus if known == status), "")
    return f"{status} {phrase}".rstrip()


def _place(reply: Reply, call: Call) -> str:
    """Return where a redirect leads, without the query, which may contain a secret."""
    try:
        parts = urlsplit(urljoin(call.url, reply.headers.get("Location", "")[:_LOOKED_AT]))
        place = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return "another address"
    return "another address" if repeats(place, call.secrets) else place[:_MESSAGE_LENGTH]


def refused_login(url: str, doing: str, method: str, offered: list[str], signed: bool) -> AuthenticationFailed:
    """Return the error for a 401, which names the auth_method that was tried and the schemes that the server offers."""
    return AuthenticationFailed(
        f"{url} refused auth_method {method} (401)",
        where=doing,
        addition=f"and offers {', '.join(named_schemes(offered)) or 'no method'}",
        remedy=_after_refusal(url, method) if signed else _way_in(offered),
        http_status=401,
    )


def _after_refusal(url: str, method: str) -> str:
    remedy = _REFUSED.get(method, _REFUSED["negotiate"])
    return f"{remedy}; {_BOUND}" if url.startswith("https:") and method in _BOUND_METHODS else remedy


def named_schemes(offered: Iterable[str]) -> list[str]:
    """Return the offered authentication schemes that are standard; any other text that a server sends is left out."""
    return [name for name in offered if name.lower() in _SCHEMES]


def _way_in(offered: list[str]) -> str:
    methods = [method for scheme, method in _METHODS.items() if scheme in (name.lower() for name in offered)]
    if methods:
        return f"set auth_method to {' or '.join(methods)}"
    return "enable Windows authentication or bearer tokens for the application in IIS"


def proxy_failed(url: str, doing: str, reason: str) -> ConnectionFailed:
    """Return the error for a proxy that could not be used.

    Args:
        url: The address that was called through it.
        doing: What the call was doing, for the message.
        reason: Why it could not be used.
    """
    return ConnectionFailed(
        f"The proxy for {url} could not be used",
        where=doing,
        reason=reason,
        remedy="check the proxy variables of the environment, or set use_proxy: false",
    )


def _proxy_refusal(chain: list[BaseException]) -> str | None:
    """Return what a proxy refused, None if it did not get so far; of the exception's text only the number is used."""
    found = next(filter(None, (_TUNNEL.search(str(cause)) for cause in chain if isinstance(cause, OSError))), None)
    if found and found["socks"]:
        return f"it answered {_SOCKS.get(found['socks'], found['socks'])}"
    if found:
        return f"it answered {found['http']}"
    known = next((_PROXY_REASONS[name] for name in _PROXY_REASONS if name in _names(chain)), None)
    # PySocks' exception for whatever else goes wrong, errors of sockets included.
    if known or "GeneralProxyError" not in _names(chain):
        return known
    from_system = _first(chain, TimeoutError) or any(isinstance(cause, OSError) and cause.errno for cause in chain)
    return None if from_system else "it does not answer as a SOCKS proxy does"


def _first(chain: list[BaseException], kind: type) -> Any:
    return next((cause for cause in chain if isinstance(cause, kind)), None)


def _names(chain: list[BaseException]) -> set[str]:
    # Compared by name, because only session.py may import requests.
    return {type(cause).__name__ for cause in chain}


def _reason(chain: list[BaseException], timeout: float) -> str:
    if _first(chain, TimeoutError) is not None:
        return f"no answer within {timeout:g} s"
    system = next((c for c in chain if isinstance(c, OSError) and c.errno and c.strerror), None)
    if system is not None:
        return str(system.strerror).lower() if not isinstance(system, ssl.SSLError) else "the TLS handshake failed"
    if _names(chain) & _LINE_TOO_LONG:
        return "its answer is not valid HTTP"
    if _names(chain) & {"RemoteDisconnected", "IncompleteRead", "ProtocolError", "ChunkedEncodingError"}:
        return "the connection broke off before the answer was complete"
    if _names(chain) & _NOT_HTTP:
        return "its answer is not valid HTTP"
    return type(chain[0]).__name__


def _retry_after(reply: Reply) -> float | None:
    """Return the seconds of a Retry-After header, which may be a number or a date, None for anything else."""
    value = reply.headers.get("Retry-After", "").strip()[:_DATE_LENGTH]
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.timezone.utc)
        return max((moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds(), 0.0)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _server_message(reply: Reply, call: Call) -> tuple[str, str | None]:
    """Return the message of an ASP.NET error object, empty if there is none, and the correlation id in it, if any."""
    if len(reply.content) > _ERROR_BODY_MAX:
        return "", None
    try:
        body = json.loads(reply.content)
    except (ValueError, RecursionError):
        return "", None
    if not isinstance(body, Mapping):
        return "", None
    fields = {str(name).lower(): value for name, value in body.items()}
    texts = [fields[name][:_LOOKED_AT] for name in ("message", "exceptionmessage") if isinstance(fields.get(name), str)]
    found = _GUID.search(" ".join(texts))
    return told(texts[0], call.secrets) if texts else "", found.group() if found else None


def told(text: str, secrets: Collection[str]) -> str:
    """Return a server's message as a clause, with none of it if it repeats a secret.

    Args:
        text: The message.
        secrets: The secrets that must not be repeated.
    """
    # More than is shown, so that a secret is found that reaches beyond it, in any encoding.
    if repeats(text[:_LOOKED_AT], secrets):
        return "(a message that repeats a secret)"
    return clause(text[:_MESSAGE_LENGTH])

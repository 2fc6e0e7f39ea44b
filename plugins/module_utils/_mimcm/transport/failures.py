# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what HTTP and TLS report to a sentence for the user. Of a body only its message is repeated."""

from __future__ import annotations

import datetime
import email.utils
import http
import json
import re
import socket
import ssl
from collections.abc import Collection, Iterable, Iterator, Mapping
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
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import repeats
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call, Operation, Reply

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MESSAGE_LENGTH = 300
# Blanks and line ends, the control characters of terminals, and halves of characters, which cannot be printed.
_PRINTED = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_TUNNEL = re.compile(r"^Tunnel connection failed: ([0-9]{3})\b")
# What urllib3 and requests raise for a host name that no name service could know.
_NO_HOST = {"LocationParseError", "LocationValueError", "InvalidURL", "UnicodeError", "UnicodeEncodeError"}
# What they raise before anything was sent.
_NOT_CONNECTED = {"NewConnectionError", "ConnectTimeout", "ConnectTimeoutError"}
_NOT_HTTP = {"InvalidHeader", "InvalidHeaderError", "ValueError", "UnicodeDecodeError"}
_NOT_UNPACKED = {"ContentDecodingError", "DecodeError"}
# What to look at when credentials were sent and nobody was let in.
_REFUSED = {
    "kerberos": (
        "check that the service principal of the url's host belongs to the account that runs the server (setspn -Q "
        "HTTP/host), and the server's clock."
    ),
    "negotiate": "check the credentials: username and password, or the ticket and the server's service principal.",
    "ntlm": "check the credentials: username (DOMAIN\\name) and password.",
    "token": "check the credentials: the token may have expired, or be meant for another server.",
    "adfs": "check the credentials: the server may not know AD FS, resource, or the user in the token.",
}
_SCHEMES = {"negotiate", "ntlm", "kerberos", "bearer", "basic", "digest"}
_METHODS = {"negotiate": "negotiate", "ntlm": "ntlm", "bearer": "token"}


def from_exception(error: BaseException, url: str, doing: str, timeout: float) -> MimcmError:
    """Return the error for an exception of requests, urllib3 or the socket below.

    The exceptions' own texts are not used: some repeat the header or the address that they complain about.
    """
    causes = list(_causes(error))
    certificate = _first(causes, ssl.SSLCertVerificationError)
    if certificate is not None:
        return CertificateRejected(
            f"The certificate of {url} is not trusted while {doing}: {certificate.verify_message.rstrip('.')}; "
            "set ca_path to the PEM file of the CA that signed it, and check that the url's host name is in it."
        )
    if _names(causes) & _NOT_UNPACKED:
        return InvalidAnswer(
            f"The answer of {url} while {doing} is compressed, and cannot be unpacked; check the server."
        )
    if "ProxyError" in _names(causes):
        return proxy_failed(url, doing, _tunnel_refusal(causes) or _reason(causes, timeout))
    if _first(causes, socket.gaierror) is not None:
        return HostUnknown(
            f"The host name in {url} does not resolve while {doing}; check url and the name service.", sent=False
        )
    if _names(causes) & _NO_HOST:
        return HostUnknown(f"The url {url} names a host that cannot exist; check url.", sent=False)
    return ConnectionFailed(
        f"Could not reach {url} while {doing}: {_reason(causes, timeout)}; "
        "check url, that the server is running, and the network in between.",
        sent=not _names(causes) & _NOT_CONNECTED,
    )


def from_answer(reply: Reply, operation: Operation, call: Call, retry: bool) -> MimcmError:
    """Return the error for an answer that is neither a success nor a 401."""
    status, doing, url = reply.status, call.doing, call.url
    details = {"http_status": status}
    if retry:
        return ServerUnavailable(
            f"The server asks for patience ({_status(status)}) while {doing} at {url}; try again later.",
            retry_after=_retry_after(reply),
            **details,
        )
    if status == 407:
        return proxy_failed(url, doing, f"it answered {status}")
    if status == 403:
        return Forbidden(
            f"The server does not permit {doing} (403); the account needs {operation.permission}.", **details
        )
    if status == 404:
        missing = "there is no such item, or " if operation.item else ""
        return NotFound(
            f"The server knows no {url} (404) while {doing}: {missing}the API is not enabled there "
            "(Clm.WebApi.Enabled in Web.config), or api_path is wrong.",
            **details,
        )
    if 300 <= status < 400:
        place = "another address" if operation.secret else _place(reply, call)
        return RequestRejected(
            f"{url} redirects to {place} ({status}) while {doing}; "
            "redirects are not followed, so set url and api_path to the server's own address.",
            **details,
        )
    message, correlation_id = _server_message(reply, call)
    said = f" and says: {message}" if message and not operation.secret else ""
    if status == 500:
        hint = (
            f"find correlation id {correlation_id} in the server's event log"
            if correlation_id
            else "look into the server's event log"
        )
        return ServerError(
            f"The server failed (500) while {doing}{said}; {hint}.", correlation_id=correlation_id, **details
        )
    return RequestRejected(f"The server answered {_status(status)} while {doing} at {url}{said}.", **details)


def _status(status: int) -> str:
    """Return a status with the name that it has everywhere; what this server calls it may be anything."""
    phrase = next((known.phrase for known in http.HTTPStatus if known == status), "")
    return f"{status} {phrase}".rstrip()


def _place(reply: Reply, call: Call) -> str:
    """Return where a redirect leads, without what may have been handed on in it."""
    try:
        parts = urlsplit(urljoin(call.url, reply.headers.get("Location", "")))
        place = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return "another address"
    return "another address" if repeats(place, call.secrets) else place[:_MESSAGE_LENGTH]


def refused_login(url: str, doing: str, method: str, offered: list[str], signed: bool) -> AuthenticationFailed:
    """Return the error for a 401: which method was tried, and what the server offers instead."""
    return AuthenticationFailed(
        f"{url} refused auth_method {method} (401) while {doing}; "
        f"the server offers {', '.join(named_schemes(offered)) or 'no method'}; "
        + (_REFUSED.get(method, _REFUSED["negotiate"]) if signed else _way_in(offered)),
        http_status=401,
    )


def named_schemes(offered: Iterable[str]) -> list[str]:
    """Return the authentication schemes that are known everywhere; what else a server writes there may be anything."""
    return [name for name in offered if name.lower() in _SCHEMES]


def _way_in(offered: list[str]) -> str:
    methods = [method for scheme, method in _METHODS.items() if scheme in (name.lower() for name in offered)]
    if methods:
        return f"set auth_method to {' or '.join(methods)}."
    return "enable Windows authentication or bearer tokens for the application in IIS."


def proxy_failed(url: str, doing: str, reason: str) -> ConnectionFailed:
    """Return the error for a proxy that could not be used, and why."""
    return ConnectionFailed(
        f"The proxy for {url} could not be used while {doing}: {reason}; "
        "check the proxy variables of the environment, or set use_proxy: false."
    )


def _tunnel_refusal(causes: list[BaseException]) -> str | None:
    """Return what a proxy answered to CONNECT; of the exception's text only the number is used."""
    found = next(filter(None, (_TUNNEL.search(str(cause)) for cause in causes if isinstance(cause, OSError))), None)
    return f"it answered {found[1]}" if found else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps; requests and urllib3 wrap in arguments and attributes too."""
    pending, seen = [error], set()
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        wrapped = [getattr(current, "reason", None), current.__cause__, current.__context__, *current.args]
        pending.extend(item for item in wrapped if isinstance(item, BaseException))


def _first(causes: list[BaseException], kind: type) -> Any:
    return next((cause for cause in causes if isinstance(cause, kind)), None)


def _names(causes: list[BaseException]) -> set[str]:
    # By name, so that only the session imports requests.
    return {type(cause).__name__ for cause in causes}


def _reason(causes: list[BaseException], timeout: float) -> str:
    if _first(causes, TimeoutError) is not None:
        return f"no answer within {timeout:g} s"
    system = next((c for c in causes if isinstance(c, OSError) and c.errno and c.strerror), None)
    if system is not None:
        return str(system.strerror).lower() if not isinstance(system, ssl.SSLError) else "the TLS handshake failed"
    if _names(causes) & {"RemoteDisconnected", "IncompleteRead", "ProtocolError", "ChunkedEncodingError"}:
        return "the connection broke off before the answer was complete"
    if _names(causes) & _NOT_HTTP:
        return "what it answers is not valid HTTP"
    return type(causes[0]).__name__


def _retry_after(reply: Reply) -> float | None:
    """Return the seconds of a Retry-After, which may be a number or a date; None for anything else."""
    value = reply.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return max((moment - datetime.datetime.now(datetime.timezone.utc)).total_seconds(), 0.0)


def _server_message(reply: Reply, call: Call) -> tuple[str, str | None]:
    """Return the message of the ASP.NET error object and the correlation id in it, where they are given."""
    try:
        body = json.loads(reply.content)
    except (ValueError, RecursionError):
        return "", None
    if not isinstance(body, Mapping):
        return "", None
    fields = {str(name).lower(): value for name, value in body.items()}
    texts = [fields[name] for name in ("message", "exceptionmessage") if isinstance(fields.get(name), str)]
    found = _GUID.search(" ".join(texts))
    return told(texts[0], call.secrets) if texts else "", found.group() if found else None


def told(text: str, secrets: Collection[str]) -> str:
    """Return what a server says as a part of a sentence; nothing of it if it repeats a secret.

    Args:
        text: Its message.
        secrets: What must not be repeated.
    """
    if repeats(text, secrets):
        return "(a message that repeats a secret)"
    return _PRINTED.sub(" ", text).strip()[:_MESSAGE_LENGTH].rstrip(".")

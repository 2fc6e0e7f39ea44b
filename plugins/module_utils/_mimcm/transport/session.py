# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One session with one server: TLS, proxies, cookies, sign-in, and a limit on how long and how large an answer may be.

Nothing but this file imports requests. It knows neither the API nor what an answer means.
"""

from __future__ import annotations

import logging
import math
import os
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from socket import SHUT_RDWR, socket
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AnswerTooLarge,
    MissingLibrary,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.time_limit import TimeLimit
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.connecting import connected, within
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.credentials import (
    Challenge,
    Credentials,
    Handshake,
    parse_schemes,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.failures import from_exception, timed_out
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call, Reply
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.wire import (
    Response,
    can_be_unpacked,
    decoded_size,
    drop_unreadable_cookies,
)

try:
    import requests
    import requests.adapters
    import requests.cookies
    import urllib3

    REQUESTS = True
    _HTTPAdapter: Any = requests.adapters.HTTPAdapter
except ImportError:
    REQUESTS = False
    _HTTPAdapter = object

LOG = logging.getLogger("certops.mimcm.session")

# NTLM takes two, Kerberos one. A server that keeps challenging is not followed indefinitely.
_HANDSHAKE_LEGS = 6
# How many bytes of a body are read at once: a compressed body can grow a thousandfold before its size is known.
_PIECE = 65536
# How much memory an answer may take once it is decoded: so many times max_response_bytes, or so many bytes in any case.
# A list of requests takes three times its bytes.
_DECODED_TIMES = 4
_DECODED_ALWAYS = 67_108_864


class Session:
    """A session with one server; for one thread at a time.

    Args:
        connection: Where the server is and how it is reached.
        credentials: Who the caller is.
        agent: The User-Agent header.

    Raises:
        MissingLibrary: requests is not installed.
        UsageError: An environment variable names certificates that do not exist.
    """

    def __init__(self, connection: Connection, credentials: Credentials, agent: str = "certops.mimcm") -> None:
        if not REQUESTS:
            raise MissingLibrary("requests", "requests")
        self._connection = connection
        self._credentials = credentials
        self._verify = _verify(connection)
        self._adapter = _Adapter(_trust(connection, self._verify), self._begin_handshake)
        self.signed_in_with: str | None = None
        self._header: str | None = None
        self._begun: Handshake | None = None
        self._signed, self._may_begin_again = False, True
        self._session = requests.Session()
        # Only encodings that are unpacked piece by piece, so max_response_bytes limits the result.
        self._session.headers.update(
            {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": agent}
        )
        self._session.trust_env = connection.use_proxy
        self._session.auth = self._authorize
        # Redirects are not followed, so requests must not parse their addresses either: an odd one would raise.
        self._session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
        if not connection.validate_certs:
            # The user chose validate_certs: false; a warning for each call would only bury what matters.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)

    @property
    def calls(self) -> int:
        """How many HTTP requests were sent, those of handshakes included."""
        return self._adapter.calls

    def close(self) -> None:
        """Close the session's connections."""
        self._session.close()

    def send(self, call: Call, timeout: float) -> Reply:
        """Send a call once, signing in where the server asks for it, and return the reply.

        Args:
            call: What to send. Redirects are not followed, so that credentials stay with this server.
            timeout: How many seconds the whole call may take, from connecting to the last byte of the reply.

        Raises:
            ConnectionFailed: No complete answer came.
            CertificateRejected: The server's certificate is not trusted.
            AnswerTooLarge: The answer is larger than C(max_response_bytes).
            AuthenticationFailed: Signing in failed on this side.
        """
        # Before the time limit starts: a token may have to be acquired first, from another server.
        with self._credentials.lock:
            self._header = self._credentials.authorization()
        self._begun, self._signed, self._may_begin_again = None, self._header is not None, True
        limit = TimeLimit(timeout, self._adapter.break_off)
        self._adapter.due = limit.due
        try:
            with limit:
                response = self._session.request(
                    call.method,
                    call.url,
                    params={name: value for name, value in call.query.items() if value is not None},
                    json=call.body,
                    data=call.form,
                    timeout=timeout,
                    # With each call, because requests' environment variables beat its session's.
                    verify=self._verify,
                    cert=_client_certificate(self._connection),
                    allow_redirects=False,
                    stream=True,
                )
                content = self._content(response)
                _check_complete(response, content)
            if limit.over:
                # A reply that is broken off between two headers looks like one without a body.
                raise TimeoutError
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            # Every exception of requests is an OSError; host names that cannot exist raise the others.
            cause = timed_out(error) if limit.over else error
            raise from_exception(cause, self._connection.url, call.doing, timeout) from None
        return Reply(
            status=response.status_code,
            headers=response.headers,
            content=content,
            offers=tuple(_offers(response)),
            signed=self._signed,
        )

    def _content(self, response: Any) -> bytes:
        """Read a body to its end, which frees the connection for the next call; close it if the body is too large."""
        if not can_be_unpacked(response.headers.get("Content-Encoding", "")):
            response.close()
            raise urllib3.exceptions.DecodeError
        content = bytearray()
        for piece in response.iter_content(_PIECE):
            content += piece
            if len(content) > self._connection.max_response_bytes:
                response.close()
                raise self._too_large("is larger than")
        if decoded_size(content) > max(_DECODED_TIMES * self._connection.max_response_bytes, _DECODED_ALWAYS):
            raise self._too_large(f"would take more memory than {_DECODED_TIMES} times")
        return bytes(content)

    def _too_large(self, how: str) -> AnswerTooLarge:
        most = self._connection.max_response_bytes
        return AnswerTooLarge(
            f"The answer of {self._connection.url} {how} max_response_bytes ({most})",
            remedy="ask for fewer at once, or raise max_response_bytes",
        )

    def _authorize(self, request: Any) -> Any:
        """Act as the session's auth object. Having one also keeps requests from reading passwords from ~/.netrc."""
        if self._header:
            request.headers["Authorization"] = self._header
        request.register_hook("response", self._answer_challenge)
        return request

    def _begin_handshake(self, certificate: bytes | None) -> str | None:
        """Return the Authorization header that starts a handshake before the server asks, None without one."""
        with self._credentials.lock:
            begun = self._credentials.begin(self._connection.host, certificate)
        if begun is None:
            return None
        self._begun, header = begun
        self._signed = True
        return header

    def _answer_challenge(self, response: Any, **kwargs: Any) -> Any:
        """Carry out the handshake that a 401 asks for, on the connection that it came on."""
        begun, self._begun = self._begun, None
        if response.status_code != 401:
            self._finished(begun, response, news=self.signed_in_with is None)
            return response
        # One handshake at a time, so credentials refused in one are not tried in the next, on another connection.
        with self._credentials.lock:
            if not self._credentials.refused:
                return self._converse(response, begun, kwargs)
        self._signed = True
        return response

    def _converse(self, response: Any, handshake: Handshake | None, kwargs: dict[str, Any]) -> Any:
        """Answer a server's challenges until it accepts or refuses the caller."""
        challenge = self._challenge(response)
        for _leg in range(_HANDSHAKE_LEGS):
            header = handshake.answer(challenge) if handshake else None
            if header is None and self._may_begin_again:
                # No handshake was begun, or one with credentials of an earlier call that are no longer valid.
                self._may_begin_again = False
                handshake = self._credentials.handshake(challenge)
                header = handshake.answer(challenge) if handshake else None
            if header is None:
                break
            self._signed = True
            response = self._send_again(response, header, kwargs)
            if response.status_code != 401:
                self._finished(handshake, response, news=True)
                return response
            challenge = self._challenge(response)
        self._credentials.refused = handshake is not None
        return response

    def _finished(self, handshake: Handshake | None, response: Any, news: bool) -> None:
        """Check the server's own token, and keep what was acquired for later calls."""
        if handshake is None:
            return
        handshake.finish(self._challenge(response))
        with self._credentials.lock:
            self._credentials.succeeded(handshake)
        # Kerberos signs in with every call; only the first time is worth a line.
        if news:
            LOG.debug("signed in to %s: %s", self._connection.host, handshake.description)
        self.signed_in_with = handshake.description

    def _challenge(self, response: Any) -> Challenge:
        return Challenge(_offers(response), self._connection.host, _peer_certificate(response))

    def _send_again(self, response: Any, authorization: str, kwargs: dict[str, Any]) -> Any:
        """Send a response's request again with another Authorization header, keeping cookies and connection."""
        request = response.request.copy()
        requests.cookies.extract_cookies_to_jar(  # type: ignore[no-untyped-call]
            request._cookies, response.request, response.raw
        )
        request.headers.pop("Cookie", None)
        request.prepare_cookies(request._cookies)
        request.headers["Authorization"] = authorization
        self._content(response)
        response.close()
        answer = response.connection.send(request, **kwargs)
        answer.history = [*response.history, response]
        answer.request = request
        return answer


def _check_complete(response: Any, content: bytes) -> None:
    """Refuse a success without all of its body, or that has none and announces none: it was broken off."""
    length, chunked = response.headers.get("Content-Length", ""), response.headers.get("Transfer-Encoding")
    announced = length or chunked
    if (
        length.isdecimal()
        and not chunked
        and response.status_code not in (204, 304)
        and response.raw.tell() < int(length)
    ):
        # urllib3 notices it itself since release 2.
        raise urllib3.exceptions.ProtocolError("incomplete")
    if response.ok and response.status_code != 204 and not content and not announced:
        raise urllib3.exceptions.ProtocolError("incomplete")


def _offers(response: Any) -> dict[str, bytes | None]:
    # requests joins repeated headers; the parser needs each one as it came.
    return parse_schemes(response.raw.headers.getlist("WWW-Authenticate"))


def _peer_certificate(response: Any) -> bytes | None:
    return _certificate_of(getattr(getattr(response.raw, "connection", None), "sock", None))


def _certificate_of(sock: Any) -> bytes | None:
    return sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None


def _verify(connection: Connection) -> bool | str:
    """Return the value of verify for requests: whether to verify, or the CAs in the options or the environment."""
    if not connection.validate_certs:
        return False
    if connection.ca_path:
        return connection.ca_path
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(variable)
        if path and not os.path.exists(path):
            raise UsageError(
                f"The environment variable {variable} names {path}, which does not exist", remedy="unset or correct it"
            )
        if path:
            return path
    return True


def _trust(connection: Connection, verify: bool | str) -> ssl.SSLContext | None:
    """Return the operating system's trust store, where private CAs are installed, None if another one is named."""
    if not connection.url.startswith("https:") or verify is not True:
        return None
    context = ssl.create_default_context()
    # Over TLS 1.3, servers such as IIS ask for the client certificate of one path after the handshake, and only those
    # clients that announced that they could. urllib3's own contexts do.
    context.post_handshake_auth = True
    return context


def _client_certificate(connection: Connection) -> Any:
    if connection.client_cert and connection.client_key:
        return connection.client_cert, connection.client_key
    return connection.client_cert


class _Adapter(_HTTPAdapter):
    """The adapter for requests, whose connections sign in, can be broken off, and use the system's trust store.

    Args:
        trust: The certificates to trust, None for those that requests names.
        begin: Given the server's certificate, returns the Authorization header to send before the server asks.
    """

    def __init__(self, trust: ssl.SSLContext | None, begin: Callable[[bytes | None], str | None]) -> None:
        self.calls = 0
        # The connection that was opened or used last.
        self.speaking: Any = None
        # When the time of the call is up, by time.monotonic().
        self.due = math.inf
        self._trust, self._begin = trust, begin
        super().__init__(max_retries=0)

    def break_off(self) -> None:
        """Break off the call that is in progress, from another thread."""
        with suppress(AttributeError, OSError):
            self.speaking.breaker.shutdown(SHUT_RDWR)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **self._with_trust(kwargs))
        self._follow(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy in self.proxy_manager:
            return self.proxy_manager[proxy]
        try:
            manager = super().proxy_manager_for(proxy, **self._with_trust(kwargs))
        except requests.exceptions.InvalidSchema:
            # requests without the library for the proxies socks4, socks4a, socks5 and socks5h.
            raise MissingLibrary("PySocks", "requests[socks]") from None
        except ValueError:
            raise requests.exceptions.InvalidProxyURL from None
        self._follow(manager)
        return manager

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        _check_proxy(requests.utils.select_proxy(request.url, kwargs.get("proxies")))
        self.calls += 1
        return super().send(request, *args, **kwargs)

    def build_response(self, req: Any, resp: Any) -> Any:
        # The jars of requests read them from the response of http.client.
        original = getattr(resp, "_original_response", None)
        if original is not None:
            drop_unreadable_cookies(original.msg)
        return super().build_response(req, resp)

    def _with_trust(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**kwargs, "ssl_context": self._trust} if self._trust is not None else kwargs

    def _follow(self, manager: Any) -> None:
        """Have a manager of urllib3 make connections that report here; those of a SOCKS proxy differ from others."""
        manager.pool_classes_by_scheme = {
            scheme: _pool(base, self, self._begin) for scheme, base in manager.pool_classes_by_scheme.items()
        }


def _check_proxy(address: str | None) -> None:
    """Refuse a proxy's address without a host, at which requests raises exceptions of any kind."""
    if not address:
        return
    try:
        usable = urllib3.util.parse_url(address if "//" in address else f"http://{address}").host
    except ValueError:
        usable = None
    if not usable:
        raise requests.exceptions.InvalidProxyURL


def _pool(base: Any, adapter: _Adapter, begin: Callable[[bytes | None], str | None]) -> Any:
    """Return a connection pool like urllib3's, whose connections report to the adapter."""

    class Followed(base.ConnectionCls):
        response_class = Response
        breaker: socket | None = None

        def _new_conn(self) -> Any:
            through_socks = hasattr(self, "_socks_options")
            try:
                sock = self._through_socks() if through_socks else self._directly()
            except urllib3.exceptions.HTTPError as error:
                if not (through_socks or self.proxy):
                    raise
                # urllib3 says so itself only of some proxies, and before release 2 not of time-outs.
                raise urllib3.exceptions.ProxyError("", error) from None
            # A second handle, because the first one is out of reach during the TLS handshake.
            self.breaker, adapter.speaking = sock.dup(), self
            return sock

        def _directly(self) -> Any:
            family, options = urllib3.util.connection.allowed_gai_family(), self.socket_options or ()
            try:
                return connected(self._dns_host, self.port, adapter.due, family, options, self.source_address)
            except TimeoutError as error:
                raise urllib3.exceptions.ConnectTimeoutError(self, "") from error
            except (OSError, UnicodeError) as error:
                raise urllib3.exceptions.NewConnectionError(self, "") from error

        def _through_socks(self) -> Any:
            # PySocks tries one address of the proxy after another, and waits for each of its answers.
            left = adapter.due - time.monotonic()
            try:
                return within(left, super()._new_conn, lambda late: late.close())
            except TimeoutError as error:
                raise urllib3.exceptions.ConnectTimeoutError(self, "") from error

        def request(self, method: str, url: str, body: Any = None, headers: Any = None, **kwargs: Any) -> Any:
            adapter.speaking = self
            if "Authorization" not in headers:
                # Not earlier, because the token is bound to the certificate of this very connection.
                header = begin(_certificate_of(self.sock))
                headers = {**headers, "Authorization": header} if header else headers
            return super().request(method, url, body, headers, **kwargs)

        def close(self) -> None:
            breaker, self.breaker = self.breaker, None
            if breaker is not None:
                breaker.close()
            super().close()

    return type("Pool", (base,), {"ConnectionCls": Followed})

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One session with one server: TLS, timeouts, retries, the answer to a 401, and every failure as a MimcmError.

Nothing but this file imports requests.
"""

from __future__ import annotations

import json
import logging
import math
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import auth
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    InvalidAnswer,
    MissingLibrary,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.http_errors import (
    from_answer,
    from_exception,
    refused_login,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection

try:
    import requests
    import requests.adapters
    import requests.cookies
    import urllib3
    from urllib3.util import Retry

    REQUESTS = True
    _HTTPAdapter: Any = requests.adapters.HTTPAdapter
except ImportError:
    REQUESTS = False
    _HTTPAdapter = object

LOG = logging.getLogger("certops.mimcm.transport")

# What a server or a proxy answers when it is busy or away for a moment.
PATIENCE_STATUS = (429, 502, 503, 504)
_BACKOFF = 0.5
# NTLM takes two, Kerberos one; a server that goes on asking is not followed for ever.
_HANDSHAKE_LEGS = 6
_RETRY_AFTER_MAX = 30.0
# A look at the very end of a deadline still gets a fair chance to be answered.
_SHORTEST_LIMIT = 1.0


@dataclass(frozen=True)
class Operation:
    """One documented operation, as data.

    Args:
        method: The HTTP method.
        path: The path below the base, with C({name}) for its parameters.
        doing: What a message says was going on, with the same parameters: "while listing requests".
        permission: What a message says that the caller needs, when the server answers 403.
        item: Whether the path names one item, so that a 404 may mean that there is no such item.
        secret: Whether the answer is a secret, so that not even the server's error message is repeated.
    """

    method: str
    path: str
    doing: str
    permission: str
    item: bool = False
    secret: bool = False


@dataclass(frozen=True)
class Answer:
    """A successful answer. Its body may be a secret: it has no text form."""

    status: int
    content_type: str
    _body: bytes
    _url: str

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self._body)} bytes)"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to return: status 204, or no body."""
        return self.status == 204 or not self._body.strip()

    def json(self) -> Any:
        """Return the decoded body, None when it is empty.

        Raises:
            InvalidAnswer: It is not JSON; the message does not repeat it.
        """
        if self.empty:
            return None
        try:
            return json.loads(self._body)
        except (ValueError, RecursionError):
            raise self._not_json() from None

    def text(self) -> str:
        """Return the body of an answer that may be JSON or bare text.

        Raises:
            InvalidAnswer: It is neither, such as a page of HTML.
        """
        text = self._body.decode("utf-8-sig", errors="replace").strip()
        if "html" in self.content_type or text.startswith("<"):
            raise self._not_json()
        return text

    def _not_json(self) -> InvalidAnswer:
        kind = self.content_type or "no content type"
        return InvalidAnswer(
            f"{self._url} answered {self.status} with something that is not JSON ({kind}, {len(self._body)} bytes); "
            "check url and api_path, and whether a proxy or a sign-in page answers in the server's place."
        )


class Transport:
    """A session with one server.

    Args:
        connection: Where the server is and how it is reached.
        credentials: Who the caller is.

    Raises:
        MissingLibrary: requests is not installed.
    """

    def __init__(self, connection: Connection, credentials: auth.Credentials) -> None:
        if not REQUESTS:
            raise MissingLibrary("requests", "requests")
        self._connection = connection
        self._credentials = credentials
        self._deadline = math.inf
        self._refusal: AuthenticationFailed | None = None
        self._verify = _verify(connection)
        self._adapter = _Adapter(connection.retries, _trust(connection, self._verify))
        self._session = requests.Session()
        self._session.headers.update({"Accept": "application/json", "User-Agent": "certops.mimcm"})
        self._session.trust_env = connection.use_proxy
        self._session.auth = self._authorize
        if not connection.validate_certs:
            # Whoever sets validate_certs: false knows; a line for each call would only bury what matters.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self._adapter)

    @property
    def base(self) -> str:
        """The address that operations' paths are appended to."""
        return self._connection.base

    @property
    def calls(self) -> int:
        """How many HTTP requests were sent, those of handshakes included."""
        return self._adapter.calls

    def close(self) -> None:
        """Close the session's connections."""
        self._session.close()

    @contextmanager
    def limited_to(self, seconds: float) -> Iterator[None]:
        """For one attempt at a time: no retries here, and all calls together end within this many seconds."""
        saved = self._deadline, self._adapter.max_retries
        self._deadline = time.monotonic() + max(seconds, _SHORTEST_LIMIT)
        self._adapter.allow_retries(0)
        try:
            yield
        finally:
            self._deadline, self._adapter.max_retries = saved

    def call(
        self,
        operation: Operation,
        ids: Mapping[str, str] | None = None,
        query: Mapping[str, str | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Carry out one operation. What writes is sent once; whether to send it again is for the caller to find out.

        Args:
            operation: Which.
            ids: The parameters of its path.
            query: The parameters of its query; None leaves one out.
            body: What is sent as JSON; None leaves a name out.

        Raises:
            MimcmError: Anything but success; the class says what kind.
        """
        if self._refusal is not None:
            # A password that was refused is not tried again: domains lock accounts after a few attempts.
            raise self._refusal
        url = self.base + operation.path.format(**(ids or {}))
        doing = operation.doing.format(**(ids or {}))
        timeout = min(self._connection.timeout, self._deadline - time.monotonic())
        if timeout <= 0:
            raise ConnectionFailed(
                f"The time was up before {doing}; give more time, or ask for fewer at once.", sent=False
            )
        try:
            response = self._session.request(
                operation.method,
                url,
                params={name: value for name, value in (query or {}).items() if value is not None},
                json=None if body is None else {name: value for name, value in body.items() if value is not None},
                timeout=timeout,
                # With each call, because requests' environment variables beat its session's.
                verify=self._verify,
                cert=_client_certificate(self._connection),
                allow_redirects=False,
            )
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            # Every exception of requests is an OSError; host names that cannot exist raise the others.
            raise from_exception(error, self._connection.url, doing, timeout) from None
        except AuthenticationFailed as error:
            self._refusal = error
            raise
        if response.status_code == 401:
            self._refusal = self._refused(response, doing)
            raise self._refusal
        if not 200 <= response.status_code < 300:
            raise from_answer(response, operation, url, doing, retry=response.status_code in PATIENCE_STATUS)
        return Answer(
            response.status_code, response.headers.get("Content-Type", "").split(";")[0].lower(), response.content, url
        )

    def _refused(self, response: Any, doing: str) -> AuthenticationFailed:
        offered = list(self._offers(response))
        tried = "Authorization" in response.request.headers
        return refused_login(self._connection.url, doing, self._credentials.method, offered, tried)

    def _authorize(self, request: Any) -> Any:
        """Be the session's auth object; having one also keeps requests from reading passwords out of ~/.netrc."""
        header = self._credentials.authorization()
        if header:
            request.headers["Authorization"] = header
        request.register_hook("response", self._answer_challenge)
        return request

    def _answer_challenge(self, response: Any, **kwargs: Any) -> Any:
        """Carry out the handshake that a 401 asks for, on the connection that it came on."""
        if response.status_code != 401:
            return response
        challenge = self._challenge(response)
        handshake = self._credentials.handshake(challenge)
        if handshake is None:
            return response
        for _leg in range(_HANDSHAKE_LEGS):
            header = handshake.answer(challenge)
            if header is None:
                return response
            response = _send_again(response, header, kwargs)
            challenge = self._challenge(response)
            if response.status_code != 401:
                break
        else:
            return response
        handshake.finish(challenge)
        LOG.debug("signed in to %s: %s", self._connection.host, handshake.description)
        return response

    def _challenge(self, response: Any) -> auth.Challenge:
        return auth.Challenge(self._offers(response), self._connection.host, _peer_certificate(response))

    @staticmethod
    def _offers(response: Any) -> dict[str, bytes | None]:
        # requests joins repeated headers; the tokens are taken from each header as it came.
        return auth.parse_schemes(response.raw.headers.getlist("WWW-Authenticate"))


def _send_again(response: Any, authorization: str, kwargs: dict[str, Any]) -> Any:
    """Send a response's request again with another Authorization header, keeping cookies and connection."""
    request = response.request.copy()
    requests.cookies.extract_cookies_to_jar(  # type: ignore[no-untyped-call]
        request._cookies, response.request, response.raw
    )
    request.headers.pop("Cookie", None)
    request.prepare_cookies(request._cookies)
    request.headers["Authorization"] = authorization
    response.content  # noqa: B018 - reading the body to its end frees the connection for what follows
    response.close()
    answer = response.connection.send(request, **kwargs)
    answer.history = [*response.history, response]
    answer.request = request
    return answer


def _peer_certificate(response: Any) -> bytes | None:
    sock = getattr(getattr(response.raw, "connection", None), "sock", None)
    return sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None


def _verify(connection: Connection) -> bool | str:
    """Return what requests calls verify: whether to, or the CAs that the options or the environment name."""
    if not connection.validate_certs:
        return False
    if connection.ca_path:
        return connection.ca_path
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        path = os.environ.get(variable)
        if path and not os.path.exists(path):
            raise UsageError(f"The environment variable {variable} names {path}, which is not there; unset or mend it.")
        if path:
            return path
    return True


def _trust(connection: Connection, verify: bool | str) -> ssl.SSLContext | None:
    """Return the operating system's trust store, where private CAs are installed, unless the options name another."""
    if connection.url.startswith("https:") and verify is True:
        return ssl.create_default_context()
    return None


def _client_certificate(connection: Connection) -> Any:
    if connection.client_cert and connection.client_key:
        return connection.client_cert, connection.client_key
    return connection.client_cert


class _Adapter(_HTTPAdapter):
    """requests' adapter, which counts what it sends and trusts what the operating system trusts."""

    def __init__(self, retries: int, trust: ssl.SSLContext | None) -> None:
        self.calls = 0
        self._trust = trust
        super().__init__(max_retries=_retries(retries, self._count))

    def allow_retries(self, retries: int) -> None:
        self.max_retries = _retries(retries, self._count)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **self._with_trust(kwargs))

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, **self._with_trust(kwargs))

    def send(self, *args: Any, **kwargs: Any) -> Any:
        self._count()
        return super().send(*args, **kwargs)

    def _count(self) -> None:
        self.calls += 1

    def _with_trust(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**kwargs, "ssl_context": self._trust} if self._trust is not None else kwargs


def _retries(attempts: int, count: Callable[[], None]) -> Any:
    """Return urllib3's policy: reads only, with a growing pause, and a Retry-After is honoured within reason.

    Args:
        attempts: How often to try again.
        count: Told each time that it is tried again.
    """

    class Patience(Retry):
        def get_retry_after(self, response: Any) -> float | None:
            try:
                seconds = super().get_retry_after(response)
            except urllib3.exceptions.InvalidHeader:
                # Neither a number nor a date: as good as none.
                seconds = None
            return None if seconds is None else min(seconds, _RETRY_AFTER_MAX)

        def increment(self, *args: Any, **kwargs: Any) -> Any:
            following = super().increment(*args, **kwargs)
            count()
            return following

    return Patience(
        total=attempts,
        redirect=0,
        other=0,
        allowed_methods=frozenset({"GET"}),
        status_forcelist=PATIENCE_STATUS,
        backoff_factor=_BACKOFF,
        raise_on_status=False,
    )

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out operations of the API as calls, with retries and time limits; every failure is a MimcmError."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn, TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api import operations as ops
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.answer import Answer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AuthenticationFailed,
    ConnectionFailed,
    ItemForbidden,
    MimcmError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import SYSTEM, Clock
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.credentials import Credentials, Token
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.failures import (
    forbidden,
    from_answer,
    refused_login,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call, Operation, Reply
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.retry import pause_before
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.session import Session

_Result = TypeVar("_Result")

LOG = logging.getLogger("certops.mimcm.transport")

# The statuses of a server or a proxy that is busy or temporarily unavailable.
_UNAVAILABLE_STATUS = (429, 502, 503, 504)
_PARTIAL = 206
_CONTENT_TYPE_LENGTH = 200
# The least time, in seconds, so even a poll at the very end of a deadline can be answered.
_SHORTEST_LIMIT = 1.0


class Transport:
    """Makes the calls to one server; several threads may call at a time, each on a session of its own.

    Args:
        connection: Where the server is and how it is reached.
        credentials: Who the caller is.
        clock: The clock for pauses and deadlines.

    Raises:
        MissingLibrary: requests is not installed.
    """

    def __init__(self, connection: Connection, credentials: Credentials, clock: Clock = SYSTEM) -> None:
        self._connection = connection
        self._credentials = credentials
        self._clock = clock
        # The first one fails here if requests is missing; parallel calls add more.
        self._sessions = [Session(connection, credentials)]
        self._idle = list(self._sessions)
        self._renewals = 0
        self.answered = False
        """Whether a call was answered, so the server has accepted the account."""
        self._several = False
        self._deadline = math.inf
        self._retries = connection.retries
        self._refusal: AuthenticationFailed | None = None

    @property
    def base(self) -> str:
        """The address that operations' paths are appended to."""
        return self._connection.base

    @property
    def signed_in_with(self) -> str | None:
        """The authentication mechanism that was negotiated with the server, None if none was."""
        return next((name for session in self._sessions if (name := session.signed_in_with)), None)

    @property
    def calls(self) -> int:
        """How many HTTP requests were sent, those of handshakes included."""
        return sum(session.calls for session in self._sessions)

    @property
    def max_connections(self) -> int:
        """How many calls may be in progress at the same time."""
        return self._connection.max_connections

    def close(self) -> None:
        """Close all connections."""
        for session in self._sessions:
            session.close()

    @contextmanager
    def limited_to(self, seconds: float) -> Iterator[None]:
        """Disable retries inside the block, and limit the time of all its calls together to this many seconds."""
        saved = self._deadline, self._retries
        self._deadline, self._retries = self._clock.now() + max(seconds, _SHORTEST_LIMIT), 0
        try:
            yield
        finally:
            self._deadline, self._retries = saved

    @contextmanager
    def reading_several(self) -> Iterator[None]:
        """Inside the block, find out after a 401 for one item whether it is about this item alone."""
        saved, self._several = self._several, True
        try:
            yield
        finally:
            self._several = saved

    def call(
        self,
        operation: Operation,
        ids: Mapping[str, str] | None = None,
        query: Mapping[str, str | None] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Carry out one operation, and return the answer.

        A write that may have reached the server is not sent again here; write_once.py decides about that.

        Args:
            operation: The operation.
            ids: The parameters of its path.
            query: The parameters of its query; None leaves one out.
            body: The JSON object to send; names with None are left out.

        Raises:
            MimcmError: The operation failed; the class says how.
        """
        if self._refusal is not None:
            # A password that was refused is not tried again: domains lock accounts after a few attempts.
            raise self._refusal
        call = self._prepared(operation, ids or {}, query or {}, body)
        reply = self._with_retries(lambda: self._attempt(operation, call), writes=operation.method != "GET")
        content_type = reply.headers.get("Content-Type", "")[:_CONTENT_TYPE_LENGTH].lower()
        return Answer(reply.status, content_type, reply.content, call)

    def acquire_token(self) -> Token:
        """Sign in now, and return the bearer token.

        Raises:
            UsageError: The auth_method has no bearer tokens.
            MimcmError: Signing in failed.
        """
        return self._with_retries(self._credentials.acquire, writes=False)

    def _prepared(
        self,
        operation: Operation,
        ids: Mapping[str, str],
        query: Mapping[str, str | None],
        body: Mapping[str, Any] | None = None,
    ) -> Call:
        return Call(
            operation.method,
            self.base + operation.path.format(**ids),
            operation.doing.format(**ids),
            query,
            None if body is None else {name: value for name, value in body.items() if value is not None},
            secrets=self._credentials.secrets,
        )

    def _with_retries(self, action: Callable[[], _Result], writes: bool) -> _Result:
        """Carry out an action, and again after errors that may pass, where that is safe."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return action()
            except MimcmError as error:
                pause = pause_before(attempt, error, writes, self._clock)
                if pause is None or attempt > self._retries:
                    raise
                LOG.debug("%s Trying again in %.1f s.", error, pause)
                self._clock.sleep(pause)

    def _attempt(self, operation: Operation, call: Call) -> Reply:
        renewals = self._renewals
        reply = self._send(call)
        if reply.status == 401 and self._renewed(renewals):
            # Safe for writes too: a server that answers 401 has not carried out the operation.
            reply = self._send(call)
        if reply.status == 401 and operation.item and self._several and self._accepted_otherwise():
            raise forbidden(ItemForbidden, operation, call, reply.status)
        if reply.status == 401:
            self._refuse(reply, call)
        self.answered = True
        # No call asks for partial content (206): part of a list would pass for the whole.
        if not 200 <= reply.status < 300 or reply.status == _PARTIAL:
            raise from_answer(reply, operation, call, retry=reply.status in _UNAVAILABLE_STATUS)
        return reply

    def _accepted_otherwise(self) -> bool:
        """Return whether a 401 for one item is about this item alone: the server answers another call at the same time.

        Domains lock accounts after a few refused passwords. So that call is sent without one, on a connection that has
        signed in before; only credentials that no domain counts are sent again.
        """
        with self._credentials.lock:
            if self._refusal is not None or (self._credentials.locks_out and not self.answered):
                return False
            if not self._credentials.locks_out:
                # A handshake that the server refused for the item must not keep this one from being tried.
                self._credentials.refused = False
            check = self._prepared(ops.LIST_REQUESTS, {}, ops.SHORT_LIST)
            accepted = self._send(check, oldest=True).status != 401
            if accepted:
                self._credentials.refused = False
            return accepted

    def _send(self, call: Call, oldest: bool = False) -> Reply:
        timeout = min(self._connection.timeout, self._deadline - self._clock.now())
        if timeout <= 0:
            raise ConnectionFailed(
                f"The time was up before {call.doing}",
                remedy="set a longer time-out, or ask for fewer items at once",
                sent=False,
            )
        try:
            with self._session(oldest) as session:
                return session.send(call, timeout)
        except AuthenticationFailed as error:
            self._refusal = error
            raise

    @contextmanager
    def _session(self, oldest: bool) -> Iterator[Session]:
        """Lend a session that no other thread uses meanwhile: the one that was used last, or the longest ago."""
        try:
            session = self._idle.pop(0 if oldest else -1)
        except IndexError:
            session = Session(self._connection, self._credentials)
            self._sessions.append(session)
        try:
            yield session
        finally:
            self._idle.append(session)

    def _renewed(self, renewals: int) -> bool:
        """Return whether the credentials were renewed since a call was sent; one thread renews them for all.

        Args:
            renewals: The number of renewals when the call was sent.
        """
        with self._credentials.lock:
            if self._renewals != renewals:
                return True
            try:
                renewed = self._credentials.renew()
            except AuthenticationFailed as error:
                self._refusal = error
                raise
            self._renewals += renewed
            return renewed

    def _refuse(self, reply: Reply, call: Call) -> NoReturn:
        self._refusal = refused_login(
            self._connection.url, call.doing, self._credentials.method, list(reply.offers), reply.signed
        )
        raise self._refusal

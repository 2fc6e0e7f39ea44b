# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server: connections, authentication, faults, and then the API."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import weakref
from typing import Any

from aiohttp import web

from . import access, api, control, faults, recorder, replies, wire
from .call import Call
from .recorder import Entry
from .replies import Reply
from .state import State

COOKIE = "ASP.NET_SessionId"

Connections = weakref.WeakKeyDictionary[Any, access.Connection]


class Server:
    """Holds what outlives one call: the state, and what is known of each open connection."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.connections: Connections = weakref.WeakKeyDictionary()
        self.numbers = itertools.count(1)

    def connection_of(self, request: web.Request) -> access.Connection:
        transport = request.transport
        if transport is None:
            # The client has closed the connection already; nobody will see the answer.
            return access.Connection(next(self.numbers))
        if transport not in self.connections:
            self.connections[transport] = access.Connection(next(self.numbers))
        return self.connections[transport]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path.startswith(control.PREFIX):
            return wire.whole(control.answer(self.state, request.method, request.path, await request.read()))
        # The body is read before anything is refused, so the connection stays usable after a 401.
        body = await request.read()
        connection = self.connection_of(request)
        query = {name.lower(): value for name, value in request.query.items()}
        entry = recorder.record(
            self.state.recorder,
            request.method,
            request.path,
            query,
            connection.number,
            recorder.shown_body(request.method, body),
        )
        header = request.headers.get("Authorization", "")
        verdict = access.authenticate(self.state.access, connection, header, self.state.clock())
        self.state.recorder.handshakes += verdict.began_handshake
        entry.user = verdict.user
        if verdict.user is None:
            return self._refuse(entry, verdict.challenges)
        if not request.path.lower().startswith(self.state.base.lower() + "/"):
            entry.status = 404
            return wire.whole(replies.page(404))
        path = request.path[len(self.state.base) :]
        self.state.recorder.operations[api.operation_of(request.method, path)] += 1
        call = Call(
            method=request.method,
            path=path,
            query=query,
            body=body,
            content_type=request.content_type if "Content-Type" in request.headers else "",
            now=0.0,
            world=self.state.world,
            documented=self.state.documented,
            options=self.state.options,
            authority=self.state.authority,
        )
        return await self._answer(request, call, connection, entry, verdict.challenges)

    def _refuse(self, entry: Entry, challenges: list[str]) -> web.Response:
        entry.status = 401
        self.state.recorder.unauthorized += 1
        return wire.whole(replies.unauthorised(challenges))

    def _api(self, request: web.Request, call: Call, entry: Entry, challenges: list[str]) -> Reply:
        """The API's own answer, at the time and in the world of this moment: a delay may have passed."""
        call.now, call.world = self.state.clock(), self.state.world
        reply = api.answer(call)
        reply.headers += [("WWW-Authenticate", challenge) for challenge in challenges]
        self._finish(request, reply, entry)
        return reply

    def _finish(self, request: web.Request, reply: Reply, entry: Entry) -> None:
        entry.status = reply.status
        self.state.recorder.bytes += len(reply.body)
        if COOKIE not in request.cookies:
            session = f"{COOKIE}={secrets.token_hex(12)}; path=/; HttpOnly; SameSite=Lax"
            reply.headers.append(("Set-Cookie", session))

    async def _answer(
        self, request: web.Request, call: Call, connection: access.Connection, entry: Entry, challenges: list[str]
    ) -> web.StreamResponse:
        for fault in faults.due(self.state.faults, call.method, call.path):
            if fault.kind == "delay":
                await asyncio.sleep(fault.seconds)
                continue
            if fault.kind == "hold":
                if await self.state.holds.wait():
                    continue
                wire.reset_connection(request)
                return web.Response()
            if fault.kind == "unauthorized":
                connection.user = connection.context = None
                return self._refuse(entry, access.offers(self.state.access) or ["Negotiate", "NTLM"])
            if fault.kind == "reset":
                if fault.processed:
                    self._api(request, call, entry, challenges)
                entry.status = None
                wire.reset_connection(request)
                return web.Response()
            if fault.kind in wire.DAMAGED:
                reply = self._api(request, call, entry, challenges)
                return await wire.DAMAGED[fault.kind](request, reply, fault)
            replaced = wire.replacement(fault)
            if replaced is not None:
                entry.status = replaced.status
                return wire.whole(replaced)
        return wire.whole(self._api(request, call, entry, challenges))


def application(state: State) -> web.Application:
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", Server(state).handle)
    return app

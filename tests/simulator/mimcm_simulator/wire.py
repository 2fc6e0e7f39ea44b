# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an answer gets onto the wire, whole or damaged by a fault."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from . import replies
from .faults import Fault
from .replies import Reply

# IIS and ASP.NET put these on every answer.
SERVER = "Microsoft-IIS/10.0"
_ALWAYS = {"Server": SERVER, "X-Powered-By": "ASP.NET"}

Produce = Callable[[], Reply]
Send = Callable[[web.Request, Reply, Fault], Awaitable[web.StreamResponse]]


def whole(reply: Reply) -> web.Response:
    response = web.Response(status=reply.status, body=reply.body or None, reason=replies.phrase(reply.status))
    response.headers.update(_ALWAYS)
    for name, value in reply.headers:
        response.headers.add(name, value)
    if reply.content_type:
        response.headers["Content-Type"] = reply.content_type
    return response


def reset_connection(request: web.Request) -> None:
    """Close with RST instead of FIN, as a crashed host or a firewall would."""
    transport = request.transport
    if transport is None:
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def _begin(request: web.Request, reply: Reply) -> tuple[web.StreamResponse, bytes]:
    """Send the head with the length of the whole body; the caller decides how much of that follows."""
    body = reply.body
    response = web.StreamResponse(status=reply.status, reason=replies.phrase(reply.status))
    response.headers.update(_ALWAYS)
    for name, value in reply.headers:
        response.headers.add(name, value)
    response.headers["Content-Type"] = reply.content_type or "application/octet-stream"
    if reply.status not in (204, 304):
        response.content_length = len(body)
    await response.prepare(request)
    return response, body


async def truncated(request: web.Request, reply: Reply, _fault: Fault) -> web.StreamResponse:
    response, body = await _begin(request, reply)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def cut_by_reset(request: web.Request, reply: Reply, _fault: Fault) -> web.StreamResponse:
    response, body = await _begin(request, reply)
    await response.write(body[: len(body) // 2])
    # A reset discards what the other side has not read yet: let it have the first half.
    await asyncio.sleep(0.1)
    reset_connection(request)
    return response


async def dripped(request: web.Request, reply: Reply, fault: Fault) -> web.StreamResponse:
    """The whole answer in small pieces, over the given seconds; few enough that the pauses add up to no more."""
    response, body = await _begin(request, reply)
    size = max(1, len(body) // 100)
    for start in range(0, len(body), size):
        await response.write(body[start : start + size])
        await asyncio.sleep(fault.seconds * size / len(body))
    await response.write_eof()
    return response


DAMAGED: dict[str, Send] = {"truncate": truncated, "reset_mid_body": cut_by_reset, "drip": dripped}


def replacement(fault: Fault) -> Reply | None:
    """Return the answer that a fault sends instead of the API's own, None for faults without one."""
    if fault.kind == "html":
        reply = replies.page(fault.status or 200)
    elif fault.kind == "garbage":
        reply = Reply(fault.status or 200, b'{"Uuid":"a9b4b42c-,,\x00\xff', replies.JSON)
    elif fault.kind == "status":
        reply = _plain_status(fault.status or 503)
    else:
        return None
    if fault.retry_after is not None:
        reply.headers.append(("Retry-After", fault.retry_after))
    return reply


def _plain_status(status: int) -> Reply:
    """403 and 500 are the API's own; the rest comes from IIS or from a proxy."""
    own = {403: replies.forbidden, 500: replies.failed, 204: replies.nothing}
    return own[status]() if status in own else replies.page(status)

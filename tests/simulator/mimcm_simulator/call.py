# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call of the API, as the handlers see it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import replies
from .authority import Authority
from .documented import Exchange, match
from .replies import Reply
from .world import World


@dataclass(frozen=True)
class Options:
    """What the command line decides about the answers."""

    api_disabled: bool = False
    unknown_item: int = 204
    # Which spelling of the policy route exists: the page of the operation has both.
    policy_route: str = "policies"


@dataclass
class Call:
    method: str
    path: str
    query: dict[str, str]
    body: bytes
    content_type: str
    now: float
    world: World
    documented: list[Exchange]
    options: Options
    authority: Authority
    ids: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


class Refused(Exception):
    """The call is answered with this reply and nothing else happens."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def unknown(call: Call, what: str, identifier: str) -> Reply:
    """An item that does not exist: 204 by the documentation, 404 where a server was seen to do that."""
    return replies.nothing() if call.options.unknown_item == 204 else replies.not_found(what, identifier)


def loose_body(call: Call) -> Any:
    """The body as it was sent, or None without one."""
    try:
        return json.loads(call.body) if call.body.strip() else None
    except ValueError:
        raise Refused(replies.invalid("The body is not valid JSON.")) from None


def example(call: Call) -> Reply | None:
    """The documented answer to this very call, when there is one."""
    exchange = match(call.documented, call.method, call.path, call.query, loose_body(call))
    return replies.ok(exchange.json, exchange.status) if exchange else None


def json_body(call: Call) -> dict[str, Any]:
    """The body with its names in lower case: Json.NET reads names without regard to case."""
    if not call.body.strip():
        raise Refused(replies.invalid("The request has no body."))
    if call.content_type.lower() not in ("application/json", "text/json"):
        message = f"The request entity's media type '{call.content_type}' is not supported for this resource."
        raise Refused(replies.error(415, message))
    try:
        document = json.loads(call.body)
    except ValueError:
        raise Refused(replies.invalid("The body is not valid JSON.")) from None
    if not isinstance(document, dict):
        raise Refused(replies.invalid("The body must be a JSON object."))
    return {str(name).lower(): value for name, value in document.items()}

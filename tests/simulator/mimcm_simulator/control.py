# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoints under /_control/: for tests, never part of the API."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import recorder, replies
from .clock import FARTHEST
from .execution import complete
from .faults import FaultError, read_faults
from .readers import ScenarioError, boolean, fields, seconds
from .replies import Reply
from .state import State, load_world, reset, reset_calls
from .values import STATUSES, guid, named, status_name, timestamp
from .world import advance, allowed, find_request, move

PREFIX = "/_control/"

Body = Any


def _problem(status: int, text: str) -> Reply:
    return replies.ok({"error": text}, status)


def _done(action: Callable[[State], None]) -> Callable[[State, Body], Reply]:
    def run(state: State, _body: Body) -> Reply:
        action(state)
        return replies.nothing()

    return run


def _scenario(state: State, body: Body) -> Reply:
    load_world(state, body)
    return replies.nothing()


def _add_faults(state: State, body: Body) -> Reply:
    added = read_faults(body)
    state.faults += added
    return replies.ok({"faults": len(state.faults)}, 201)


def _clear_faults(state: State) -> None:
    state.faults = []


def _release(state: State, body: Body) -> Reply:
    calls = body.get("calls") if isinstance(body, dict) else None
    if calls is not None and (isinstance(calls, bool) or not isinstance(calls, int) or calls < 0):
        return _problem(400, "calls must be a whole number, zero or more.")
    return replies.ok({"released": state.holds.release(calls)})


def _clock(state: State, _body: Body = None) -> Reply:
    now, clock = state.clock(), state.clock
    return replies.ok({"now": now, "time": timestamp(now), "advanced": clock.advanced, "stopped": clock.stopped})


def _turn_clock(state: State, body: Body) -> Reply:
    wanted = fields(body, "The body", {"advance": seconds, "stopped": boolean})
    by = wanted.get("advance", 0.0)
    # Not the other way round: JSON as Python reads it has a NaN, which is not more than anything.
    if not state.clock.advanced + by <= FARTHEST:
        return _problem(400, "The clock cannot be turned forward by more than a hundred years.")
    # Stopped first, so it then shows exactly the time that it was set to.
    if "stopped" in wanted:
        (state.clock.stop if wanted["stopped"] else state.clock.go)()
    state.clock.advance(by)
    return _clock(state)


def _world(state: State, _body: Body) -> Reply:
    """Everything there is, without the PINs and the keys that belong to it."""
    world, now = state.world, state.clock()
    return replies.ok(
        {
            "requests": [advance(request, now).document for request in world.requests.values()],
            "smartcards": [card.document for card in world.cards.values()],
            "profiles": [profile.document for profile in world.profiles.values()],
            "certificates": [
                {**certificate.document, "SmartcardUuid": certificate.smartcard, "ProfileUuid": certificate.profile}
                for certificate in world.certificates
            ],
        }
    )


ENDPOINTS: dict[tuple[str, str], Callable[[State, Body], Reply]] = {
    ("GET", "calls"): lambda state, _body: replies.ok(recorder.calls(state.recorder)),
    ("GET", "log"): lambda state, _body: replies.ok(recorder.log(state.recorder)),
    ("GET", "ca"): lambda state, _body: replies.ok(state.authority.pem()),
    ("GET", "world"): _world,
    ("PUT", "scenario"): _scenario,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _done(_clear_faults),
    ("GET", "held"): lambda state, _body: replies.ok({"held": len(state.holds.waiting)}),
    ("POST", "release"): _release,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _turn_clock,
    ("POST", "reset"): _done(reset),
    ("POST", "reset-calls"): _done(reset_calls),
}


def _status(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else named(STATUSES, value)


def _move_request(state: State, identifier: str | None, body: Body) -> Reply:
    """The approver's hand: what a human does in the portal."""
    now = state.clock()
    request = find_request(state.world, identifier or "", now)
    if request is None:
        return _problem(404, "There is no such request.")
    target = _status(body.get("status")) if isinstance(body, dict) else None
    if target is None:
        return _problem(400, "The body must be an object whose status is the name or number of a status.")
    if not body.get("force") and not allowed(request.status, target):
        return _problem(409, f"A request cannot go from {status_name(request.status)} to {status_name(target)}.")
    move(request, target, now)
    if target == STATUSES["Completed"]:
        complete(state.world, request)
    return replies.ok(request.document)


def answer(state: State, method: str, path: str, content: bytes) -> Reply:
    name = path[len(PREFIX) :].strip("/")
    try:
        body = json.loads(content) if content.strip() else None
        if method == "POST" and name.startswith("requests/"):
            return _move_request(state, guid(name.removeprefix("requests/")), body)
        endpoint = ENDPOINTS.get((method, name))
        return endpoint(state, body) if endpoint else _problem(404, f"There is no {method} {path}.")
    except (ScenarioError, FaultError) as problem:
        return _problem(400, str(problem))
    except json.JSONDecodeError:
        return _problem(400, "The body is not JSON.")

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: what a YAML file or the control API says the world looks like. Errors are one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .values import CARD_STATUSES, NO_GUID, REQUEST_TYPES, STATUSES, guid, named
from .world import DEFAULT_CALLER, Card, Request, Step, World, card_document, move, request_document, script

Reader = Callable[[Any, str], Any]


class ScenarioError(ValueError):
    """The scenario cannot be used; the text says where and why."""


def _guid(value: Any, where: str) -> str:
    found = guid(value)
    if found is None:
        raise ScenarioError(f"{where} must be a GUID, not {value!r}.")
    return found


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ScenarioError(f"{where} must be a string, not {value!r}.")
    return value


def _pin(value: Any, where: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ScenarioError(f"{where} must be a quoted string or null, so that leading zeros survive.")
    return value


def _bool(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ScenarioError(f"{where} must be true or false, not {value!r}.")
    return value


def _seconds(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ScenarioError(f"{where} must be a number of seconds, zero or more, not {value!r}.")
    return float(value)


def _number_of(names: dict[str, int]) -> Reader:
    def read(value: Any, where: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        number = named(names, value)
        if number is None:
            raise ScenarioError(f"{where} must be a number or one of {', '.join(names)}, not {value!r}.")
        return number

    return read


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ScenarioError(f"{where} must be a list.")
    return value


def _steps(value: Any, where: str) -> tuple[Step, ...]:
    return tuple(_step(item, f"{where}[{index}]") for index, item in enumerate(_list(value, where)))


def _step(value: Any, where: str) -> Step:
    read = _fields(value, where, STEP, required=("status",))
    return Step(read.get("after", 0.0), read["status"])


def _approver(value: Any, where: str) -> tuple[Step, ...]:
    if value is None:
        return ()
    return _steps(value, where) if isinstance(value, list) else (_step(value, where),)


STEP: dict[str, Reader] = {"after": _seconds, "status": _number_of(STATUSES)}
REQUEST: dict[str, Reader] = {
    "id": _guid,
    "type": _number_of(REQUEST_TYPES),
    "status": _number_of(STATUSES),
    "target": _guid,
    "originator": _guid,
    "profile_template": _guid,
    "smartcard": _guid,
    "comment": _text,
    "forbidden": _bool,
    "broken": _bool,
    "script": _steps,
}
CARD: dict[str, Reader] = {
    "id": _guid,
    "card_id": _guid,
    "atr": _text,
    "status": _number_of(CARD_STATUSES),
    "pin": _pin,
    "pin_forbidden": _bool,
}
SCENARIO: dict[str, Reader] = {
    "requests": _list,
    "smartcards": _list,
    "approver": _approver,
    "approvals_needed": _bool,
    "caller": _guid,
}


def _fields(value: Any, where: str, readers: dict[str, Reader], required: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where} must be a mapping.")
    for key in value:
        if key not in readers:
            raise ScenarioError(f"{where} has the unknown key {key!r}; known are {', '.join(readers)}.")
    for key in required:
        if key not in value:
            raise ScenarioError(f"{where} needs the key {key!r}.")
    return {key: readers[key](item, f"{where}.{key}") for key, item in value.items()}


def _request(value: Any, where: str, caller: str, now: float) -> Request:
    read = _fields(value, where, REQUEST, required=("id",))
    card = read.get("smartcard", NO_GUID)
    document = request_document(
        now,
        Uuid=read["id"],
        RequestType=read.get("type", REQUEST_TYPES["Enroll"]),
        OriginatorUserUuid=read.get("originator", caller),
        TargetUserUuid=read.get("target", caller),
        NewSmartcardUuid=card,
        Comment=read.get("comment", ""),
        ProfileTemplateUuid=read.get("profile_template", NO_GUID),
        IsSmartcard=card != NO_GUID,
    )
    request = Request(
        document, script(read.get("script", ()), now), read.get("forbidden", False), read.get("broken", False)
    )
    move(request, read.get("status", STATUSES["Pending"]), now)
    return request


def _card(value: Any, where: str) -> Card:
    read = _fields(value, where, CARD, required=("id", "card_id"))
    document = card_document(
        Uuid=read["id"],
        Status=read.get("status", CARD_STATUSES["Assigned"]),
        SerialNumber=f"{{{read['card_id']}}}",
        Atr=read.get("atr", ""),
    )
    return Card(document, read.get("pin"), read.get("pin_forbidden", False))


def _own_cards(world: World) -> None:
    """A card belongs to the target of the request that made it."""
    for request in world.requests.values():
        card = world.cards.get(request.document["NewSmartcardUuid"])
        if card:
            card.document["AssignedUserUuid"] = request.document["TargetUserUuid"]
            card.document["ProfileTemplateUuid"] = request.document["ProfileTemplateUuid"]


def build(scenario: Any, now: float) -> World:
    """The world that a scenario describes; its scripts count from now."""
    read = _fields({} if scenario is None else scenario, "The scenario", SCENARIO)
    world = World(
        approver=read.get("approver", ()),
        approvals_needed=read.get("approvals_needed", True),
        caller=read.get("caller", DEFAULT_CALLER),
    )
    for index, item in enumerate(read.get("requests", [])):
        request = _request(item, f"requests[{index}]", world.caller, now)
        if world.requests.setdefault(request.document["Uuid"], request) is not request:
            raise ScenarioError(f"requests[{index}].id is there twice: {request.document['Uuid']}.")
    for index, item in enumerate(read.get("smartcards", [])):
        card = _card(item, f"smartcards[{index}]")
        if world.cards.setdefault(card.document["Uuid"], card) is not card:
            raise ScenarioError(f"smartcards[{index}].id is there twice: {card.document['Uuid']}.")
    _own_cards(world)
    return world


def read_file(path: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ScenarioError(f"The scenario {path} cannot be read: {problem.strerror}.") from problem
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        where = " ".join(str(problem).split())
        raise ScenarioError(f"The scenario {path} is not YAML: {where}.") from problem

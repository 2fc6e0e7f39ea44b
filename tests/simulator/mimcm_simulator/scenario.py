# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: the state of the server as a YAML file or the control API describes it. Errors are one sentence each."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .readers import (
    Reader,
    ScenarioError,
    boolean,
    fields,
    future,
    hexadecimal,
    items,
    moment,
    number_of,
    past,
    pin,
    read_guid,
    seconds,
    text,
    texts,
    whole,
)
from .scenario_templates import read_template
from .values import CARD_STATUSES, NO_GUID, PROFILE_STATUSES, REQUEST_TYPES, STATUSES, zoneless
from .world import (
    DEFAULT_CALLER,
    Card,
    Certificate,
    Profile,
    Request,
    Step,
    World,
    card_document,
    certificate_document,
    move,
    profile_document,
    request_document,
    script,
)

# Issuer and requester of planted certificates, in the form of the documented ones.
ISSUER = r"ca1.corp.example.com\corp-CA1-CA"
REQUESTER = r"CORP\Administrator"

_DAY = 86400


def _steps(value: Any, where: str) -> tuple[Step, ...]:
    return tuple(_step(item, f"{where}[{index}]") for index, item in enumerate(items(value, where)))


def _step(value: Any, where: str) -> Step:
    read = fields(value, where, STEP, required=("status",))
    return Step(read.get("after", 0.0), read["status"], read.get("seen", 0))


def _approver(value: Any, where: str) -> tuple[Step, ...]:
    if value is None:
        return ()
    return _steps(value, where) if isinstance(value, list) else (_step(value, where),)


STEP: dict[str, Reader] = {"after": seconds, "seen": whole(0, 1000), "status": number_of(STATUSES)}
REQUEST: dict[str, Reader] = {
    "id": read_guid,
    "type": number_of(REQUEST_TYPES),
    "status": number_of(STATUSES),
    "target": read_guid,
    "originator": read_guid,
    "profile_template": read_guid,
    "smartcard": read_guid,
    "profile": read_guid,
    "comment": text,
    "submitted": past,
    "completed": past,
    "data_collection": texts,
    "enrollment_agent": boolean,
    "forbidden": boolean,
    "broken": boolean,
    "script": _steps,
}
CARD: dict[str, Reader] = {
    "id": read_guid,
    "card_id": read_guid,
    "atr": text,
    "status": number_of(CARD_STATUSES),
    "user": read_guid,
    "template": read_guid,
    "profile": read_guid,
    "comment": text,
    "pin": pin,
    "pin_forbidden": boolean,
    "key_forbidden": boolean,
}
PROFILE: dict[str, Reader] = {
    "id": read_guid,
    "status": number_of(PROFILE_STATUSES),
    "template": read_guid,
    "user": read_guid,
    "comment": text,
}
CERTIFICATE: dict[str, Reader] = {
    "smartcard": read_guid,
    "profile": read_guid,
    "template_name": text,
    "serial": hexadecimal(),
    "thumbprint": hexadecimal(40),
    "not_before": moment,
    "not_after": future,
    "mine": boolean,
}
SCENARIO: dict[str, Reader] = {
    "requests": items,
    "smartcards": items,
    "profile_templates": items,
    "profiles": items,
    "certificates": items,
    "certificate_days": whole(1, 3650),
    "approver": _approver,
    "approvals_needed": boolean,
    "caller": read_guid,
}


def _request(value: Any, where: str, world: World, now: float) -> Request:
    read = fields(value, where, REQUEST, required=("id",))
    card = read.get("smartcard", NO_GUID)
    document = request_document(
        now,
        Uuid=read["id"],
        RequestType=read.get("type", REQUEST_TYPES["Enroll"]),
        OriginatorUserUuid=read.get("originator", world.caller),
        TargetUserUuid=read.get("target", world.caller),
        NewProfileUuid=read.get("profile", NO_GUID),
        NewSmartcardUuid=card,
        Comment=read.get("comment", ""),
        ProfileTemplateUuid=read.get("profile_template", NO_GUID),
        IsSmartcard=card != NO_GUID,
        IsEnrollmentAgent=read.get("enrollment_agent", False),
        **_collected(read.get("data_collection", {})),
    )
    if "submitted" in read:
        document["Submitted"] = f"{_time(read['submitted'], now)}Z"
    request = Request(
        document, script(read.get("script", ()), now), read.get("forbidden", False), read.get("broken", False)
    )
    move(request, read.get("status", STATUSES["Pending"]), now)
    if "completed" in read:
        document["Completed"] = f"{_time(read['completed'], now)}Z"
    return request


def _collected(values: dict[str, str | None]) -> dict[str, Any]:
    """Data collection as a request shows it: without any item it is not complete either, as in the documented one."""
    return {
        "DataCollection": [{"Name": name, "Value": value} for name, value in values.items()],
        "IsDataCollectionComplete": bool(values) and None not in values.values(),
    }


def _time(value: str | float, now: float) -> str:
    """A time that was given, or that is so many days away."""
    return value if isinstance(value, str) else zoneless(now + value * _DAY)


def _card(value: Any, where: str, world: World) -> Card:
    read = fields(value, where, CARD, required=("id", "card_id"))
    owner = _owner(world, read["id"])
    document = card_document(
        Uuid=read["id"],
        Status=read.get("status", CARD_STATUSES["Assigned"]),
        AssignedUserUuid=read.get("user", owner.get("TargetUserUuid", world.caller)),
        ProfileTemplateUuid=read.get("template", owner.get("ProfileTemplateUuid", NO_GUID)),
        Comment=read.get("comment", ""),
        SerialNumber=f"{{{read['card_id']}}}",
        Atr=read.get("atr", ""),
    )
    return Card(
        document,
        read.get("pin"),
        read.get("pin_forbidden", False),
        read.get("key_forbidden", False),
        read.get("profile", NO_GUID),
    )


def _owner(world: World, card: str) -> dict[str, Any]:
    """A card belongs to the target of the request that made it."""
    made = [item.document for item in world.requests.values() if item.document["NewSmartcardUuid"] == card]
    return made[-1] if made else {}


def _profile(value: Any, where: str, world: World) -> Profile:
    read = fields(value, where, PROFILE, required=("id",))
    document = profile_document(
        Uuid=read["id"],
        Status=read.get("status", PROFILE_STATUSES["Active"]),
        AssignedUserUuid=read.get("user", world.caller),
        ProfileTemplateUuid=read.get("template", NO_GUID),
        Comment=read.get("comment", ""),
    )
    return Profile(document)


def _certificate(value: Any, where: str, now: float) -> Certificate:
    read = fields(value, where, CERTIFICATE)
    if "smartcard" not in read and "profile" not in read:
        raise ScenarioError(f"{where} needs the key 'smartcard' or the key 'profile'.")
    digest = hashlib.sha256(where.encode()).hexdigest().upper()
    document = certificate_document(
        TemplateCommonName=read.get("template_name", "ContosoSmartcardLogon"),
        SerialNumber=read.get("serial", digest[:38]),
        Thumbprint=read.get("thumbprint", digest[-40:]),
        NotAfter=_time(read.get("not_after", 365.0), now),
        NotBefore=read.get("not_before", zoneless(now)),
        Issuer=ISSUER,
        RequesterName=REQUESTER,
    )
    return Certificate(document, read.get("smartcard", NO_GUID), read.get("profile", NO_GUID), read.get("mine", True))


def _each(read: dict[str, Any], name: str, reader: Callable[[Any, str], Any], into: dict[str, Any]) -> None:
    """Read a list of items that have identifiers of their own."""
    for index, item in enumerate(read.get(name, [])):
        made = reader(item, f"{name}[{index}]")
        identifier = made.id if hasattr(made, "id") else made.document["Uuid"]
        if into.setdefault(identifier, made) is not made:
            raise ScenarioError(f"{name}[{index}].id is there twice: {identifier}.")


def build(scenario: Any, now: float) -> World:
    """The world that a scenario describes; its scripts count from now."""
    read = fields({} if scenario is None else scenario, "The scenario", SCENARIO)
    world = World(
        approver=read.get("approver", ()),
        approvals_needed=read.get("approvals_needed", True),
        caller=read.get("caller", DEFAULT_CALLER),
        certificate_days=read.get("certificate_days", 365),
    )
    _each(read, "profile_templates", read_template, world.templates)
    _each(read, "requests", lambda item, where: _request(item, where, world, now), world.requests)
    _each(read, "smartcards", lambda item, where: _card(item, where, world), world.cards)
    _each(read, "profiles", lambda item, where: _profile(item, where, world), world.profiles)
    world.certificates = [
        _certificate(item, f"certificates[{index}]", now) for index, item in enumerate(read.get("certificates", []))
    ]
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

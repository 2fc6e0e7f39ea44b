# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's state and the lifecycle of a request. Nothing here reads a clock: the time is passed in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from .templates import NO_TEMPLATE, Template
from .values import CARD_STATUSES, NO_GUID, NOT_YET, STATUSES, timestamp

# The account that the documented examples were recorded with.
DEFAULT_CALLER = "8f1590dc-d932-4b66-8e68-2e91c5880780"

_S = STATUSES
ENDS = frozenset({_S["Completed"], _S["Denied"], _S["Canceled"], _S["Failed"]})
LIFECYCLE: dict[int, frozenset[int]] = {
    _S["None"]: frozenset({_S["Pending"], _S["Canceled"]}),
    _S["Pending"]: frozenset({_S["Approved"], _S["Denied"], _S["Canceled"]}),
    _S["Approved"]: frozenset({_S["Executing"], _S["Failed"], _S["Canceled"]}),
    _S["Executing"]: frozenset({_S["Completed"], _S["Failed"], _S["Canceled"]}),
    **{end: frozenset() for end in ENDS},
}

# One NUL per access control entry follows the text, as in the documented examples.
_ACES = ("A;;SWRC;;;S-1-5-21-2127521184-1604012920-1887927527-5094533", "A;;RC;;;WD")
SECURITY_DESCRIPTOR = (
    "O:S-1-5-21-2127521184-1604012920-1887927527-14134865D:" + "".join(f"({ace})" for ace in _ACES) + "\0" * len(_ACES)
)


@dataclass(frozen=True)
class Step:
    """A transition that comes by itself, once its time has come and the request has been shown so many times.

    `at` is a time once the step belongs to a request, and seconds from its creation before that.
    """

    at: float
    status: int
    seen: int = 0


@dataclass
class Request:
    document: dict[str, Any]
    script: list[Step] = field(default_factory=list)
    forbidden: bool = False
    broken: bool = False
    # How many answers to the API's GET calls it has been in.
    seen: int = 0
    # A documented request after completion, word for word.
    when_completed: dict[str, Any] | None = None

    @property
    def status(self) -> int:
        return int(self.document["Status"])


@dataclass
class Card:
    document: dict[str, Any]
    pin: str | None = None
    pin_forbidden: bool = False
    key_forbidden: bool = False
    # The profile that the card's certificates belong to.
    profile: str = NO_GUID

    @property
    def card_id(self) -> str:
        return str(self.document["SerialNumber"]).strip("{}").lower()

    @property
    def status(self) -> int:
        return int(self.document["Status"])


@dataclass
class Profile:
    document: dict[str, Any]
    # What a documented profile lists, as long as it is Active; None goes by the status.
    operations: list[str] | None = None

    @property
    def status(self) -> int:
        return int(self.document["Status"])


@dataclass
class Certificate:
    # The fields of the caller's certificates; a card or profile shows the first six of them.
    document: dict[str, Any]
    smartcard: str = NO_GUID
    profile: str = NO_GUID
    # Whether it was issued to the caller.
    mine: bool = True


@dataclass
class World:
    requests: dict[str, Request] = field(default_factory=dict)
    cards: dict[str, Card] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)
    certificates: list[Certificate] = field(default_factory=list)
    certificate_days: int = 365
    approver: tuple[Step, ...] = ()
    approvals_needed: bool = True
    caller: str = DEFAULT_CALLER
    # Documented identifiers that were handed out already: the same body twice makes two requests.
    created_as_documented: set[str] = field(default_factory=set)


def allowed(current: int, target: int) -> bool:
    """Whether the lifecycle has this one step. A status it does not know is not judged."""
    return current not in LIFECYCLE or target not in LIFECYCLE or target in LIFECYCLE[current]


def reachable(current: int, target: int) -> bool:
    """Whether a script may still go there: scripts may leave out the steps between, as polling would."""
    if current in ENDS or current == target:
        return False
    if current not in LIFECYCLE or target not in LIFECYCLE:
        return True
    return target in LIFECYCLE[current] or any(reachable(step, target) for step in LIFECYCLE[current])


def move(request: Request, status: int, now: float) -> None:
    request.document["Status"] = status
    request.document["Completed"] = timestamp(now) if status in ENDS else NOT_YET


def advance(request: Request, now: float) -> Request:
    """Apply what is due. A step that someone else's action made impossible is passed over."""
    due = [step for step in request.script if step.at <= now and step.seen <= request.seen]
    request.script = [step for step in request.script if step not in due]
    for step in due:
        if reachable(request.status, step.status):
            move(request, step.status, now if step.seen else step.at)
    return request


def shown(request: Request) -> dict[str, Any]:
    """The request as it is now, for an answer to a GET: its script may count those."""
    request.seen += 1
    return request.document


def script(steps: Iterable[Step], start: float) -> list[Step]:
    absolute = (replace(step, at=start + step.at) for step in steps)
    return sorted(absolute, key=lambda step: (step.at, step.seen))


def find_request(world: World, identifier: str, now: float) -> Request | None:
    request = world.requests.get(identifier)
    return advance(request, now) if request else None


def readable_requests(world: World, now: float) -> list[Request]:
    """In no order that a client could rely on: neither by time nor by identifier."""
    requests = [advance(request, now) for request in world.requests.values() if not request.forbidden]
    return sorted(requests, key=lambda request: str(request.document["Uuid"])[::-1])


def find_card(world: World, card_id: str) -> Card | None:
    """The card as it was assigned last: each assignment of the same card has an identifier of its own."""
    cards = [card for card in world.cards.values() if card.card_id == card_id]
    in_use = [card for card in cards if card.status != CARD_STATUSES["Retired"]]
    return next(reversed(in_use or cards), None)


def template_of(world: World, document: dict[str, Any]) -> Template:
    """The template of a request, card or profile; the defaults when the world does not know it."""
    return world.templates.get(document["ProfileTemplateUuid"], NO_TEMPLATE)


def new_id() -> str:
    return str(uuid.uuid4())


def request_document(now: float, **values: Any) -> dict[str, Any]:
    """A Request in the order of the documented properties."""
    document: dict[str, Any] = {
        "Uuid": NO_GUID,
        "RequestType": 1,
        "Status": STATUSES["Pending"],
        "Flags": 2,
        "DataCollection": [],
        "DataCollectionFlags": 32,
        "OriginatorUserUuid": DEFAULT_CALLER,
        "TargetUserUuid": DEFAULT_CALLER,
        "Submitted": timestamp(now),
        "Completed": NOT_YET,
        "NewProfileUuid": NO_GUID,
        "OldProfileUuid": NO_GUID,
        "NewSmartcardUuid": NO_GUID,
        "OldSmartcardUuid": NO_GUID,
        "Priority": 0,
        "Comment": "",
        "ProfileTemplateUuid": NO_GUID,
        "SecurityDescriptor": SECURITY_DESCRIPTOR,
        "IsSmartcard": True,
        "IsEnrollmentAgent": False,
        "IsDataCollectionComplete": False,
    }
    return {**document, **values}


def card_document(**values: Any) -> dict[str, Any]:
    """A Smartcard in the order of the documented properties."""
    document: dict[str, Any] = {
        "Uuid": NO_GUID,
        "Status": 1,
        "Flags": 1,
        "ParentSmartcardUuid": NO_GUID,
        "PrimarySmartcardUuid": NO_GUID,
        "PermanentSmartcardUuid": NO_GUID,
        "AssignedUserUuid": DEFAULT_CALLER,
        "ProfileTemplateUuid": NO_GUID,
        "ProfileTemplateVersion": 1,
        "Comment": "",
        "SerialNumber": "",
        "Middleware": "MSBaseCSP",
        "Atr": "",
    }
    return {**document, **values}


def profile_document(**values: Any) -> dict[str, Any]:
    """A Profile in the order of the documented properties, without its operations: those go by the status."""
    document: dict[str, Any] = {
        "Uuid": NO_GUID,
        "Status": 0,
        "Flags": 1,
        "ParentProfileUuid": NO_GUID,
        "PrimaryProfileUuid": NO_GUID,
        "AssignedUserUuid": DEFAULT_CALLER,
        "ProfileTemplateUuid": NO_GUID,
        "ProfileTemplateVersion": 1,
        "Comment": "",
    }
    return {**document, **values}


def certificate_document(**values: Any) -> dict[str, Any]:
    """One of the caller's certificates in the order of the documented properties."""
    document: dict[str, Any] = {
        "IsKeyHistory": False,
        "ArchivedOnCa": False,
        "CertificateType": 1,
        "TemplateCommonName": "",
        "SerialNumber": "",
        "Thumbprint": "",
        "NotAfter": NOT_YET,
        "NotBefore": NOT_YET,
        "Issuer": "",
        "RequesterName": "",
        "Status": 0,
    }
    return {**document, **values}

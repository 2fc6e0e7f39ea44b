# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to be done so that the requests are those that a desired-state file asks for. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.people import (
    Pair,
    Wish,
    is_of_scope,
    revocation_key,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    ENDED,
    OPEN,
    REJECTED,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import Wanted, ask_again, carried_key

_ENROLL, _REVOKE = CREATION_TYPES["Enroll"], CREATION_TYPES["Revoke"]


@dataclass
class Enrolment:
    """A wish, and how it stands with it.

    Args:
        wish: Who is to have what.
        action: C(none) or C(create).
        outcome: C(open), C(completed), C(rejected), or C(failed) when it could not be created.
        request_id: The request, None when it is still to be created.
        status: The request's status.
        problem: A sentence that says what is wrong and what to do, None for nothing.
    """

    wish: Wish
    action: str
    outcome: str
    request_id: str | None = None
    status: str | None = None
    problem: str | None = None

    def shown(self) -> dict[str, Any]:
        """Return what users see."""
        return {
            "name": self.wish.name,
            "target": self.wish.target,
            "profile_template": self.wish.given,
            "profile_template_uuid": self.wish.template,
            "generation": self.wish.generation,
            "key": self.wish.key,
            "action": self.action,
            "outcome": self.outcome,
            "request_id": self.request_id,
            "status": self.status,
            "problem": self.problem,
        }


@dataclass
class Removal:
    """A request for somebody who is no longer to have what it is for.

    Args:
        request: The request.
        action: C(report), C(cancel), C(revoke), or C(none) where nothing is left to be done.
        revocation_id: The request that revokes what it brought, None for none.
        rejected: Whether that one was rejected.
        failed: Whether it could not be canceled or revoked.
        problem: A sentence that says what is wrong and what to do, None for nothing.
    """

    request: Request
    action: str
    revocation_id: str | None = None
    rejected: bool = False
    failed: bool = False
    problem: str | None = None

    @property
    def subject(self) -> dict[str, str]:
        """What the request brought: a smart card, or else a profile; nothing where the server does not say."""
        for name, field_name in (("smartcard", "new_smartcard_uuid"), ("profile", "new_profile_uuid")):
            if self.request[field_name]:
                return {name: self.request[field_name]}
        return {}

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.request['target_user_uuid']} (request {self.request['uuid']})"

    def revocation(self, scope: str) -> Wanted:
        """Return the request that revokes what this one brought."""
        return Wanted("Revoke", key=revocation_key(scope, self.request["uuid"]), **self.subject)

    def shown(self) -> dict[str, Any]:
        """Return what users see."""
        return {
            "request_id": self.request["uuid"],
            "target": self.request["target_user_uuid"],
            "profile_template_uuid": self.request["profile_template_uuid"],
            "status": self.request["status"],
            "key": carried_key(self.request),
            "action": self.action,
            "revocation_id": self.revocation_id,
            "problem": self.problem,
        }


@dataclass
class _Own:
    """What the server's list has to do with the file."""

    enrolments: dict[Pair, list[Request]] = field(default_factory=dict)
    revocations: dict[str, list[Request]] = field(default_factory=dict)

    def add(self, request: Request) -> None:
        pair = (request["target_user_uuid"], request["profile_template_uuid"])
        self.enrolments.setdefault(pair, []).append(request)


@dataclass(frozen=True)
class Plan:
    """How it stands with every wish, and with what is no longer wished for."""

    enrolments: list[Enrolment]
    removals: list[Removal]
    warnings: list[str]


def plan(
    requests: Iterable[Request],
    wishes: Sequence[Wish],
    scope: str,
    revoke: bool,
    adopt_completed: bool,
    is_gone: Callable[[Removal], bool],
) -> Plan:
    """Return what is to be done.

    Args:
        requests: All requests that the account can read.
        wishes: Who is to have what.
        scope: Which file it is; requests with the keys of other files are left alone.
        revoke: Whether what is no longer wished for is to be canceled and revoked, and not only reported.
        adopt_completed: Whether a Completed request without any key counts.
        is_gone: Tells whether what a request brought is out of use already.
    """
    wanted_pairs = {wish.pair for wish in wishes}
    own = _own(requests, wanted_pairs, scope)
    warnings: list[str] = []
    enrolments = [_enrolment(wish, own, scope, adopt_completed, is_gone, warnings) for wish in wishes]
    removals = [
        removal
        for pair, found in own.enrolments.items()
        if pair not in wanted_pairs
        for request in sorted(found, key=_age)
        if (removal := _removal(request, own, scope, revoke, is_gone))
    ]
    return Plan(enrolments, removals, warnings)


def _own(requests: Iterable[Request], wanted: set[Pair], scope: str) -> _Own:
    """Return the enrolments for the wanted pairs and those that the file has made, and the revocations it has made."""
    own, mark = _Own(), f"[mimcm:{scope}/"
    for request in requests:
        marked = mark in str(request["comment"] or "")
        if request["request_type_code"] == _ENROLL:
            pair = (request["target_user_uuid"], request["profile_template_uuid"])
            # Somebody else's key that only begins alike is none of ours.
            if pair in wanted or (marked and is_of_scope(request, carried_key(request) or "", scope)):
                own.add(request)
        elif marked and request["request_type_code"] == _REVOKE:
            own.revocations.setdefault(carried_key(request) or "", []).append(request)
    return own


def _age(request: Request) -> tuple[str, str]:
    return request["submitted"] or "", request["uuid"]


def _enrolment(
    wish: Wish, own: _Own, scope: str, adopt_completed: bool, is_gone: Callable[[Removal], bool], warnings: list[str]
) -> Enrolment:
    """Return how it stands with a wish: an open request first, then a completed one, then a rejected one."""
    candidates = sorted(own.enrolments.get(wish.pair, []), key=_age)
    keyed = [request for request in candidates if carried_key(request) == wish.key]
    unkeyed = [request for request in candidates if carried_key(request) is None]
    # What an earlier generation asked for and nobody has answered yet is not asked for a second time.
    earlier = [r for r in candidates if carried_key(r) != wish.key and is_of_scope(r, carried_key(r) or "", scope)]
    still_open = [request for request in keyed if request["status"] not in ENDED]
    # What was revoked because somebody had gone does not count when they are back.
    completed = [r for r in keyed if r["status"] == "Completed" and not _revoked(r, own, scope)]
    if adopt_completed and wish.generation == 1 and not still_open:
        completed += [r for r in unkeyed if r["status"] == "Completed" and not _out_of_use(r, is_gone)]
    adopted = [request for request in sorted([*unkeyed, *earlier], key=_age) if request["status"] in OPEN]
    rejected = [request for request in keyed if request["status"] in REJECTED]
    if still_open:
        warnings += _twins(wish, [*still_open, *adopted])
    for found, outcome in ((still_open[:1], "open"), (completed[-1:], "completed"), (adopted[:1], "open")):
        if found:
            return Enrolment(wish, "none", outcome, found[0]["uuid"], found[0]["status"])
    # Of somebody who was away in between, only what came after the revocation tells anything.
    if rejected and not _revoked_since(rejected[-1], keyed, own, scope):
        request_id, status = rejected[-1]["uuid"], rejected[-1]["status"]
        problem = ask_again(request_id, status, wish.name, wish.generation)
        return Enrolment(wish, "none", "rejected", request_id, status, problem)
    return Enrolment(wish, "create", "open")


def _out_of_use(request: Request, is_gone: Callable[[Removal], bool]) -> bool:
    """Whether what a request brought is known to be out of use."""
    removal = Removal(request, "none")
    return bool(removal.subject) and is_gone(removal)


def _revoked(request: Request, own: _Own, scope: str) -> bool:
    found = _revocation(Removal(request, "none"), own, scope)
    return found is not None and not _is_rejected(found)


def _revoked_since(rejected: Request, keyed: Sequence[Request], own: _Own, scope: str) -> bool:
    return any(
        _age(request) > _age(rejected) and request["status"] == "Completed" and _revoked(request, own, scope)
        for request in keyed
    )


def _twins(wish: Wish, found: Sequence[Request]) -> list[str]:
    if len(found) == 1:
        return []
    others = ", ".join(request["uuid"] for request in found[1:])
    return [f"There is more than one open request for {wish.label}; {found[0]['uuid']} is taken, cancel {others}."]


def _removal(
    request: Request, own: _Own, scope: str, revoke: bool, is_gone: Callable[[Removal], bool]
) -> Removal | None:
    """Return what is to become of a request that nobody asks for any more, None where it has come to nothing."""
    if request["status"] not in ENDED:
        return Removal(request, "cancel" if revoke else "report")
    if request["status"] != "Completed":
        return None
    removal = Removal(request, "revoke" if revoke else "report")
    found = _revocation(removal, own, scope)
    if found and not _is_rejected(found):
        return Removal(request, "none", found["uuid"])
    if not removal.subject:
        problem = f"Request {request['uuid']} names no card or profile to revoke; look at it in the MIM CM portal."
        return Removal(request, "report", problem=problem)
    if is_gone(removal):
        return Removal(request, "none")
    if found and revoke:
        problem = (
            f"The revocation {found['uuid']} of what request {request['uuid']} brought was rejected "
            f"({found['status']}), and is not created again; find out why, and revoke it with mimcm_request or in the "
            "MIM CM portal."
        )
        return Removal(request, "report", found["uuid"], rejected=True, problem=problem)
    return removal


def _revocation(removal: Removal, own: _Own, scope: str) -> Request | None:
    """Return the revocation of what a request brought: one that is open or Completed, or else the newest."""
    key, subject = revocation_key(scope, removal.request["uuid"]), removal.subject
    found = sorted((r for r in own.revocations.get(key, []) if _is_about(r, subject)), key=_age)
    return next((r for r in found if not _is_rejected(r)), found[-1] if found else None)


def _is_about(request: Request, subject: dict[str, str]) -> bool:
    # The key holds a part of an id only.
    return any(
        item_id in (request[f"old_{kind}_uuid"], request[f"new_{kind}_uuid"]) for kind, item_id in subject.items()
    )


def _is_rejected(request: Request) -> bool:
    return request["status"] in REJECTED

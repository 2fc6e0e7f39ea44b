# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plan the changes that make the requests on the server match a desired-state file. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.people import (
    Entitlement,
    Pair,
    is_of_scope,
    revocation_key,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    ENDED,
    OPEN,
    REJECTED,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import (
    Wanted,
    ask_again,
    carried_key,
    submission_order,
)

_ENROLL, _REVOKE = CREATION_TYPES["Enroll"], CREATION_TYPES["Revoke"]


class ShownEnrolment(TypedDict):
    """An enrolment as users see it."""

    name: str
    target: str
    profile_template: str
    profile_template_uuid: str
    generation: int
    key: str
    action: str
    outcome: str
    request_id: str | None
    status: str | None
    problem: str | None


class ShownRemoval(TypedDict):
    """A removal as users see it: a request that is no longer in the file."""

    request_id: str
    target: str | None
    profile_template_uuid: str | None
    status: str | None
    key: str | None
    action: str
    revocation_id: str | None
    problem: str | None


@dataclass
class Enrolment:
    """An entitlement, and how its request stands.

    Args:
        entitlement: The entitlement.
        action: C(none) or C(create).
        outcome: C(open), C(completed), C(rejected), or C(failed) if the request could not be created.
        request_id: The request's id, None while it is not created.
        status: The request's status.
        problem: A sentence that says what is wrong and what to do, None for no problem.
    """

    entitlement: Entitlement
    action: str
    outcome: str
    request_id: str | None = None
    status: str | None = None
    problem: str | None = None

    @property
    def acts(self) -> bool:
        """Whether a change is needed."""
        return self.action == "create"

    @property
    def label(self) -> str:
        """The name of the enrolment in messages."""
        return self.entitlement.label

    def stands(self, request: Request) -> None:
        """Record the request that was created."""
        self.request_id, self.status = request["uuid"], request["status"]

    def fail(self, problem: str) -> None:
        """Record that the request could not be created."""
        self.outcome, self.problem = "failed", problem

    def shown(self) -> ShownEnrolment:
        """Return the enrolment as users see it."""
        return {
            "name": self.entitlement.name,
            "target": self.entitlement.target,
            "profile_template": self.entitlement.given,
            "profile_template_uuid": self.entitlement.template,
            "generation": self.entitlement.generation,
            "key": self.entitlement.key,
            "action": self.action,
            "outcome": self.outcome,
            "request_id": self.request_id,
            "status": self.status,
            "problem": self.problem,
        }


@dataclass
class Removal:
    """A request for an entitlement that is no longer in the file.

    Args:
        request: The request.
        action: C(report), C(cancel), C(revoke), or C(none) if nothing is left to do.
        revocation_id: The id of the request that revokes its card or profile, None for none.
        outcome: C(rejected) if the revocation was rejected, C(failed) if canceling or revoking failed, or None.
        problem: A sentence that says what is wrong and what to do, None for no problem.
    """

    request: Request
    action: str
    revocation_id: str | None = None
    outcome: str | None = None
    problem: str | None = None

    @property
    def acts(self) -> bool:
        """Whether a change is needed."""
        return self.action in ("cancel", "revoke")

    @property
    def label(self) -> str:
        """The name of the removal in messages."""
        return f"{self.request['target_user_uuid']} (request {self.request['uuid']})"

    @property
    def smartcard(self) -> str | None:
        """The id of the smart card from the request, None without one."""
        return self.request["new_smartcard_uuid"]

    @property
    def profile(self) -> str | None:
        """The id of the profile from the request, None without one or if there is a smart card."""
        return None if self.smartcard else self.request["new_profile_uuid"]

    def stands(self, revocation: Request) -> None:
        """Record the revocation that was created."""
        self.revocation_id = revocation["uuid"]

    def fail(self, problem: str) -> None:
        """Record that the request could not be canceled, or its card or profile not revoked."""
        self.outcome, self.problem = "failed", problem

    def revocation(self, scope: str) -> Wanted:
        """Return the request that revokes the card or profile from this request."""
        key = revocation_key(scope, self.request["uuid"])
        return Wanted("Revoke", smartcard=self.smartcard, profile=self.profile, key=key)

    def shown(self) -> ShownRemoval:
        """Return the removal as users see it."""
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


@dataclass(frozen=True)
class Plan:
    """The enrolments for all entitlements, and the removals of requests that are no longer in the file."""

    enrolments: list[Enrolment]
    removals: list[Removal]
    warnings: list[str]

    @property
    def request_ids(self) -> list[str]:
        """The ids of all existing requests and revocations, each once."""
        ids = [item.request_id for item in self.enrolments] + [item.revocation_id for item in self.removals]
        return [request_id for request_id in dict.fromkeys(ids) if request_id]

    @property
    def actions(self) -> list[Enrolment | Removal]:
        """The enrolments and removals that need a change."""
        found: list[Enrolment | Removal] = [*self.enrolments, *self.removals]
        return [item for item in found if item.acts]


@dataclass(frozen=True)
class PlanOptions:
    """The options of a plan.

    Args:
        scope: The name of the file; requests with the keys of other files are left alone.
        revoke: Whether to cancel and revoke requests that are no longer in the file, and not only report them.
        adopt_completed: Whether a Completed request without any key counts.
        is_gone: Tells whether the card or profile from a request is out of use already.
    """

    scope: str
    revoke: bool
    adopt_completed: bool
    is_gone: Callable[[Removal], bool]


def plan(requests: Iterable[Request], entitlements: Sequence[Entitlement], options: PlanOptions) -> Plan:
    """Return the plan for the entitlements of a file.

    Args:
        requests: All requests that the account can read.
        entitlements: The entitlements.
        options: The options.
    """
    wanted_pairs = {entitlement.pair for entitlement in entitlements}
    own = _own(requests, wanted_pairs, options)
    warnings: list[str] = []
    enrolments = [_enrolment(entitlement, own, warnings) for entitlement in entitlements]
    removals = [
        removal
        for pair, found in own.enrolments.items()
        if pair not in wanted_pairs
        for request in sorted(found, key=submission_order)
        if (removal := _removal(request, own))
    ]
    return Plan(enrolments, removals, warnings)


@dataclass
class _Own:
    """The requests on the server that concern the file."""

    options: PlanOptions
    enrolments: dict[tuple[str | None, str | None], list[Request]] = field(default_factory=dict)
    revocations: dict[str, list[Request]] = field(default_factory=dict)


def _own(requests: Iterable[Request], wanted: set[Pair], options: PlanOptions) -> _Own:
    """Return the Enroll requests for the wanted pairs, and all Enroll and Revoke requests that the file has created."""
    own, mark = _Own(options), f"[mimcm:{options.scope}/"
    for request in requests:
        marked = mark in str(request["comment"] or "")
        if request["request_type_code"] == _ENROLL:
            pair = (request["target_user_uuid"], request["profile_template_uuid"])
            # A key of somebody else may start with the same characters, so the whole key is compared.
            if pair in wanted or (marked and is_of_scope(request, carried_key(request) or "", options.scope)):
                own.enrolments.setdefault(pair, []).append(request)
        elif marked and request["request_type_code"] == _REVOKE:
            own.revocations.setdefault(carried_key(request) or "", []).append(request)
    return own


# ---------------------------------------------------------------------------------------------------------------------
# Enrolments: the entitlements in the file


def _enrolment(entitlement: Entitlement, own: _Own, warnings: list[str]) -> Enrolment:
    """Return the enrolment for an entitlement: by its open request, else a completed one, else a rejected one."""
    candidates = sorted(own.enrolments.get(entitlement.pair, []), key=submission_order)
    keyed = [request for request in candidates if carried_key(request) == entitlement.key]
    still_open = [request for request in keyed if request["status"] not in ENDED]
    adopted = _adopted(candidates, entitlement, own)
    if still_open:
        warnings += _twins(entitlement, [*still_open, *adopted])
        return _standing(entitlement, still_open[0], "open")
    completed = _completed(candidates, keyed, entitlement, own)
    if completed:
        return _standing(entitlement, completed[-1], "completed")
    if adopted:
        return _standing(entitlement, adopted[0], "open")
    rejected = [request for request in keyed if request["status"] in REJECTED]
    # If the person left and came back, only requests after the revocation count.
    if rejected and not _revoked_since(rejected[-1], keyed, own):
        found = _standing(entitlement, rejected[-1], "rejected")
        found.problem = ask_again(
            rejected[-1]["uuid"], rejected[-1]["status"], entitlement.name, entitlement.generation
        )
        return found
    return Enrolment(entitlement, "create", "open")


def _standing(entitlement: Entitlement, request: Request, outcome: str) -> Enrolment:
    return Enrolment(entitlement, "none", outcome, request["uuid"], request["status"])


def _adopted(candidates: Sequence[Request], entitlement: Entitlement, own: _Own) -> list[Request]:
    """Return the open requests that were made by hand, or by the file with another generation.

    A request that is still undecided is adopted, so the same is not requested twice.
    """

    def counts(key: str | None, request: Request) -> bool:
        return key is None or (key != entitlement.key and is_of_scope(request, key, own.options.scope))

    return [request for request in candidates if request["status"] in OPEN and counts(carried_key(request), request)]


def _completed(
    candidates: Sequence[Request], keyed: Sequence[Request], entitlement: Entitlement, own: _Own
) -> list[Request]:
    """Return the completed requests that fulfil an entitlement."""
    # A request whose card or profile was revoked when the person left does not count when they come back.
    found = [request for request in keyed if request["status"] == "Completed" and not _revoked(request, own)]
    if own.options.adopt_completed and entitlement.generation == 1:
        found += [
            request
            for request in candidates
            if carried_key(request) is None and request["status"] == "Completed" and not _out_of_use(request, own)
        ]
    return found


def _out_of_use(request: Request, own: _Own) -> bool:
    """Return whether the card or profile from a request is known to be out of use."""
    removal = Removal(request, "none")
    return bool(removal.smartcard or removal.profile) and own.options.is_gone(removal)


def _revoked(request: Request, own: _Own) -> bool:
    found = _revocation(Removal(request, "none"), own)
    return found is not None and not _is_rejected(found)


def _revoked_since(rejected: Request, keyed: Sequence[Request], own: _Own) -> bool:
    return any(
        submission_order(request) > submission_order(rejected)
        and request["status"] == "Completed"
        and _revoked(request, own)
        for request in keyed
    )


def _twins(entitlement: Entitlement, found: Sequence[Request]) -> list[str]:
    if len(found) == 1:
        return []
    others = ", ".join(request["uuid"] for request in found[1:])
    return [
        f"There is more than one open request for {entitlement.label}; {found[0]['uuid']} is used. Cancel the others: "
        f"{others}."
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Removals: requests that are no longer in the file


def _removal(request: Request, own: _Own) -> Removal | None:
    """Return the removal of a request that is no longer in the file, None if the request was rejected."""
    if request["status"] not in ENDED:
        return Removal(request, "cancel" if own.options.revoke else "report")
    if request["status"] != "Completed":
        return None
    removal = Removal(request, "revoke" if own.options.revoke else "report")
    found = _revocation(removal, own)
    if found and not _is_rejected(found):
        return Removal(request, "none", found["uuid"])
    if not (removal.smartcard or removal.profile):
        problem = f"Request {request['uuid']} names no card or profile to revoke; look at it in the MIM CM portal."
        return Removal(request, "report", problem=problem)
    if own.options.is_gone(removal):
        return Removal(request, "none")
    if found and own.options.revoke:
        problem = (
            f"The revocation {found['uuid']} of the card or profile from request {request['uuid']} was rejected "
            f"({found['status']}), and is not created again; find out why, and revoke it with mimcm_request or in the "
            "MIM CM portal."
        )
        return Removal(request, "report", found["uuid"], "rejected", problem)
    return removal


def _revocation(removal: Removal, own: _Own) -> Request | None:
    """Return the revocation of the card or profile from a request: an open or Completed one, or else the newest."""
    key = revocation_key(own.options.scope, removal.request["uuid"])
    found = sorted(
        (request for request in own.revocations.get(key, []) if _is_about(request, removal)), key=submission_order
    )
    return next((request for request in found if not _is_rejected(request)), found[-1] if found else None)


def _is_about(request: Request, removal: Removal) -> bool:
    # Needed beside the key, which contains only a part of the request's id.
    if removal.smartcard:
        return removal.smartcard in (request["old_smartcard_uuid"], request["new_smartcard_uuid"])
    return removal.profile is not None and removal.profile in (
        request["old_profile_uuid"],
        request["new_profile_uuid"],
    )


def _is_rejected(request: Request) -> bool:
    return request["status"] in REJECTED

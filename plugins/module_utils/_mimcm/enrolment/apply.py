# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out what a desired-state file asks for; a change that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.people import (
    Person,
    check_people,
    entitlements,
    names_templates,
    template_ids,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.plan import (
    Enrolment,
    Plan,
    PlanOptions,
    Removal,
    plan,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AuthenticationFailed,
    Forbidden,
    MimcmError,
    ServerError,
    Transient,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request, WorkflowPolicy
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.create import (
    body_of,
    check_policy,
    create,
    read_policy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.end import end
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import (
    Wanted,
    comment_with_key,
    keeps_key,
)

# Out of use, and nothing that could be revoked.
_GONE = ("Disabled", "Retired")
# A server that was away for so many in a row, each with its retries, is away for all.
_AWAY_MAX = 3


@dataclass(frozen=True)
class ApplyOptions:
    """How to carry a desired-state file out.

    Args:
        scope: Which file it is.
        revoke: Whether to cancel and revoke what is no longer asked for, and not only report it.
        adopt_completed: Whether a Completed request without any key counts.
        form: How data collections are sent: C(list) or C(string).
        check_policy: Whether requests are checked against their workflow policy first.
        check_mode: Whether nothing may be sent.
        how: How far to go when a connection breaks.
    """

    scope: str
    revoke: bool
    adopt_completed: bool
    form: str
    check_policy: bool
    check_mode: bool
    how: Persistence


@dataclass
class Applied:
    """What came of a desired-state file.

    Args:
        plan: The plan, with what came of each of its parts.
        planned: How many changes it had.
        lines: The changes, one in words each.
        failures: Why changes failed.
        changed: Whether anything was changed, or would be.
        warnings: Warnings.
    """

    plan: Plan
    planned: int
    lines: list[str]
    failures: list[str] = field(default_factory=list)
    changed: bool = False
    warnings: list[str] = field(default_factory=list)


def find_plan(client: Client, people: Sequence[Person], options: PlanOptions) -> tuple[Plan, Collection[str]]:
    """Return what there is to do for people, and the ids of all requests that the account can read.

    Raises:
        UsageError: The people are described wrongly.
    """
    check_people(people)
    templates = client.list_profile_templates() if names_templates(people) else []
    wanted = entitlements(people, options.scope, template_ids(people, templates))
    requests = client.list_requests()
    return plan(requests, wanted, options), {request["uuid"] for request in requests}


def apply(client: Client, people: Sequence[Person], options: ApplyOptions) -> Applied:
    """Create what is missing, and report or revoke what is no longer asked for.

    Args:
        client: The API.
        people: The people of the file.
        options: How.

    Raises:
        UsageError: The people are described wrongly.
    """
    plan_options = PlanOptions(options.scope, options.revoke, options.adopt_completed, is_gone(client))
    found, known = find_plan(client, people, plan_options)
    lines = [f"{item.action}: {item.label}" for item in found.actions]
    applied = Applied(found, len(lines), lines, warnings=list(found.warnings))
    _Worker(client, options, known, applied).carry_out()
    return applied


class _Policies:
    """The workflow policies that requests must agree with, each read once."""

    def __init__(self, client: Client, warnings: list[str]) -> None:
        self._client, self._warnings = client, warnings
        self._found: dict[tuple[str, str | None], tuple[WorkflowPolicy | None, str]] = {}

    def find(self, request_type: str, template: str | None) -> tuple[WorkflowPolicy | None, str]:
        """Return a policy and its name; one that cannot be read is a warning."""
        place = (request_type, template)
        if place not in self._found:
            policy, name = self._found[place] = read_policy(self._client, Wanted(request_type, template))
            if policy is None:
                self._warnings.append(f"Requests of type {request_type} were not checked against their policy: {name}.")
        return self._found[place]


class _Worker:
    """Carries out what a plan says, and notes in it what came of each part."""

    def __init__(self, client: Client, options: ApplyOptions, known: Collection[str], applied: Applied) -> None:
        self._client, self._options, self._known, self._applied = client, options, known, applied
        self._policies = _Policies(client, applied.warnings) if options.check_policy else None
        self._away = 0
        self._gave_up: MimcmError | None = None

    def carry_out(self) -> None:
        """Do all that the plan says."""
        for item in self._applied.plan.actions:
            problem = self._attempt(item)
            if problem is not None:
                item.fail(str(problem))
                self._applied.failures.append(f"{item.label}: {problem.clause}")

    def _attempt(self, item: Enrolment | Removal) -> MimcmError | None:
        """Return why something could not be done, None if it was."""
        if self._gave_up:
            return MimcmError(
                "It was not tried, because the server had failed before",
                reason=self._gave_up.fact,
                remedy=self._gave_up.remedy,
            )
        try:
            self._do(item)
        except MimcmError as error:
            self._applied.changed = self._applied.changed or bool(error.details.get("changed"))
            self._away = self._away + 1 if isinstance(error, Transient) else 0
            # A password that is refused again and again locks the account.
            if self._away >= _AWAY_MAX or isinstance(error, AuthenticationFailed):
                self._gave_up = error
            return error
        self._away = 0
        self._applied.changed = True
        return None

    def _do(self, item: Enrolment | Removal) -> None:
        if isinstance(item, Enrolment):
            self._create(item)
        elif item.action == "cancel":
            self._cancel(item)
        else:
            self._revoke(item)

    def _create(self, enrolment: Enrolment) -> None:
        wish = enrolment.entitlement
        self._check("Enroll", wish.template, wish.data_collection, wish.remark, wish.priority)
        if self._options.check_mode:
            return
        body = body_of(wish.wanted, wish.data_collection, self._options.form, wish.comment, wish.priority)
        try:
            enrolment.request_id, request = self._sent(wish.wanted, body)
        except MimcmError as error:
            enrolment.request_id = error.details.get("request_id")
            raise
        enrolment.status = request["status"] if request else None

    def _cancel(self, removal: Removal) -> None:
        if not self._options.check_mode:
            removal.request = end(self._client, removal.request, "canceled", self._options.how)

    def _revoke(self, removal: Removal) -> None:
        self._check("Revoke", removal.request["profile_template_uuid"], {})
        if self._options.check_mode:
            return
        wanted = removal.revocation(self._options.scope)
        comment = comment_with_key(f"No longer in {self._options.scope}", wanted.key)
        removal.revocation_id, _request = self._sent(wanted, body_of(wanted, {}, self._options.form, comment))

    def _check(
        self,
        request_type: str,
        template: str | None,
        data_collection: Mapping[str, Any],
        remark: str = "",
        priority: int | None = None,
    ) -> None:
        policy, name = self._policies.find(request_type, template) if self._policies else (None, "")
        if policy is not None:
            check_policy(policy, name, data_collection, remark, priority)

    def _sent(self, wanted: Wanted, body: Mapping[str, Any]) -> tuple[str, Request | None]:
        request_id, request = create(self._client, wanted, body, self._options.how)
        if request_id in self._known:
            # What somebody had before they were away carries the same key.
            raise MimcmError(
                "The connection broke, and whether the request was created is not known", remedy="run the task again"
            )
        if request and not keeps_key(request, wanted):
            self._applied.warnings.append(
                f"The server did not keep the comment of request {request_id}, which later runs need to recognise it."
            )
        return request_id, request


def is_gone(client: Client) -> Callable[[Removal], bool]:
    """Return a function that tells whether the card or profile that a request brought is out of use."""

    def is_out_of_use(removal: Removal) -> bool:
        try:
            found = (
                client.get_smartcard(removal.smartcard)
                if removal.smartcard
                else client.get_profile(removal.profile or "")
            )
        except (Forbidden, ServerError):
            # What cannot be seen is not known to be out of use.
            return False
        return bool(found and found["status"] in _GONE)

    return is_out_of_use

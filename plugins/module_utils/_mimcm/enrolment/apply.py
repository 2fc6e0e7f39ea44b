# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out the plan for a desired-state file; a change that is refused does not stop the others."""

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
    MimcmError,
    Transient,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import (
    Profile,
    Request,
    Smartcard,
    WorkflowPolicy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.agree import (
    not_looked,
    pause_after,
    settle,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.create import (
    Created,
    body_of,
    check_policy,
    create,
    read_policy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.end import end
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import alone
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.match import rivals
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import (
    Wanted,
    carried_key,
    comment_with_key,
    keeps_key,
)

# The statuses of a card or profile that is out of use, so there is nothing to revoke.
_OUT_OF_USE = ("Disabled", "Retired")
# After this many unavailable answers in a row, each after its retries, stop: the server is down for all changes.
_UNAVAILABLE_MAX = 3


@dataclass(frozen=True)
class ApplyOptions:
    """The options for carrying out a desired-state file.

    Args:
        scope: The name of the file.
        revoke: Whether to cancel and revoke requests that are no longer in the file, and not only report them.
        adopt_completed: Whether a Completed request without any key counts.
        form: How data collections are sent: C(list) or C(string).
        check_policy: Whether requests are checked against their workflow policy first.
        check_mode: Whether nothing may be changed.
        how: How hard to try when a connection breaks.
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
    """The result of carrying out a desired-state file.

    Args:
        plan: The plan, with the outcome of each change.
        planned: How many changes the plan had.
        lines: The changes, one line each, without those that another run has made meanwhile.
        failures: The failures, one line each.
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
    """Return the plan for people, and the ids of all requests that the account can read.

    Raises:
        UsageError: An entry is invalid.
    """
    check_people(people)
    templates = client.list_profile_templates() if names_templates(people) else []
    wanted = entitlements(people, options.scope, template_ids(people, templates))
    requests = client.list_requests()
    return plan(requests, wanted, options), {request["uuid"] for request in requests}


def apply(client: Client, people: Sequence[Person], options: ApplyOptions) -> Applied:
    """Create missing requests, and report or revoke those that are no longer in the file.

    Args:
        client: The API.
        people: The people in the file.
        options: The options.

    Raises:
        UsageError: An entry is invalid.
    """
    plan_options = PlanOptions(options.scope, options.revoke, options.adopt_completed, is_gone(client))
    found, known = find_plan(client, people, plan_options)
    lines = [_line(item) for item in found.actions]
    applied = Applied(found, len(lines), lines, warnings=list(found.warnings))
    _Worker(client, options, known, applied).carry_out()
    return applied


def _line(item: Enrolment | Removal) -> str:
    return f"{item.action}: {item.label}"


@dataclass(frozen=True)
class _Creation:
    """A request that was created for an enrolment, or for the revocation of a removal."""

    item: Enrolment | Removal
    wanted: Wanted
    created: Created


class _Policies:
    """The workflow policies for requests, each read once."""

    def __init__(self, client: Client, warnings: list[str]) -> None:
        self._client, self._warnings = client, warnings
        self._found: dict[tuple[str, str | None], tuple[WorkflowPolicy | None, str]] = {}

    def find(self, request_type: str, template: str | None) -> tuple[WorkflowPolicy | None, str]:
        """Return a policy and its name; add a warning if it cannot be read."""
        key = (request_type, template)
        if key not in self._found:
            policy, name = self._found[key] = read_policy(self._client, Wanted(request_type, template))
            if policy is None:
                self._warnings.append(f"Requests of type {request_type} were not checked against their policy: {name}.")
        return self._found[key]


class _Worker:
    """Carries out a plan, and records the outcome of each change in it."""

    def __init__(self, client: Client, options: ApplyOptions, known: Collection[str], applied: Applied) -> None:
        self._client, self._options, self._known, self._applied = client, options, known, applied
        self._policies = _Policies(client, applied.warnings) if options.check_policy else None
        self._created: list[_Creation] = []
        self._done = 0
        self._unavailable = 0
        self._gave_up: MimcmError | None = None

    def carry_out(self) -> None:
        """Carry out all changes of the plan, and agree with other runs about what was created."""
        for item in self._applied.plan.actions:
            problem = self._attempt(item)
            if problem is not None:
                item.fail(str(problem))
                self._applied.failures.append(f"{item.label}: {problem.clause}")
        if self._created:
            self._agree()
        self._applied.changed = self._applied.changed or self._done > 0

    def _agree(self) -> None:
        """Look at the requests once more, and withdraw those that another run has created before."""
        pause_after([creation.created for creation in self._created])
        try:
            if self._gave_up:
                raise self._gave_up
            listed = self._client.list_requests()
        except MimcmError as error:
            self._applied.warnings.append(not_looked(error))
            return
        by_key: dict[str | None, list[Request]] = {}
        for request in listed:
            by_key.setdefault(carried_key(request), []).append(request)
        for creation in self._created:
            same = rivals(by_key.get(creation.wanted.key, []), creation.wanted)
            agreement = settle(self._client, creation.created, same, self._options.how)
            self._applied.warnings += agreement.warnings
            if agreement.withdrawn:
                self._applied.lines.remove(_line(creation.item))
                self._done -= 1
                creation.item.action = "none"
            creation.item.stands(agreement.request)

    def _attempt(self, item: Enrolment | Removal) -> MimcmError | None:
        """Carry out a change, and return the error if it failed, None otherwise."""
        if self._gave_up:
            return MimcmError(
                "This was not tried, because the server had failed before",
                reason=self._gave_up.fact,
                remedy=self._gave_up.remedy,
            )
        try:
            self._do(item)
        except MimcmError as error:
            self._applied.changed = self._applied.changed or bool(error.details.get("changed"))
            self._unavailable = self._unavailable + 1 if isinstance(error, Transient) else 0
            # An authentication failure ends it at once: trying a refused password again could lock the account.
            if self._unavailable >= _UNAVAILABLE_MAX or isinstance(error, AuthenticationFailed):
                self._gave_up = error
            return error
        self._unavailable = 0
        self._done += 1
        return None

    def _do(self, item: Enrolment | Removal) -> None:
        if isinstance(item, Enrolment):
            self._create(item)
        elif item.action == "cancel":
            self._cancel(item)
        else:
            self._revoke(item)

    def _create(self, enrolment: Enrolment) -> None:
        entitlement = enrolment.entitlement
        wanted, data_collection, priority = entitlement.wanted, entitlement.data_collection, entitlement.priority
        self._check("Enroll", entitlement.template, data_collection, entitlement.remark, priority)
        if self._options.check_mode:
            return
        body = body_of(wanted, data_collection, self._options.form, entitlement.comment, priority)
        try:
            self._sent(enrolment, wanted, body)
        except MimcmError as error:
            enrolment.request_id = error.details.get("request_id")
            raise

    def _cancel(self, removal: Removal) -> None:
        if not self._options.check_mode:
            removal.request = end(self._client, removal.request, "canceled", self._options.how)

    def _revoke(self, removal: Removal) -> None:
        self._check("Revoke", removal.request["profile_template_uuid"], {})
        if self._options.check_mode:
            return
        wanted = removal.revocation(self._options.scope)
        comment = comment_with_key(f"No longer in {self._options.scope}", wanted.key)
        body = body_of(wanted, {}, self._options.form, comment)
        # Documented as required, and not wanted: the server decides about the template by the card or profile.
        self._sent(removal, wanted, {**body, "profiletemplateuuid": removal.request["profile_template_uuid"]})

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

    def _sent(self, item: Enrolment | Removal, wanted: Wanted, body: Mapping[str, Any]) -> None:
        # Among the known requests may be an old one with the same key, of somebody who left and has come back.
        created = create(self._client, wanted, body, self._options.how, self._known)
        self._created.append(_Creation(item, wanted, created))
        item.stands(created.request)
        if not keeps_key(created.request, wanted):
            self._applied.warnings.append(
                f"The server did not keep the comment of request {created.request['uuid']}, which later runs need to "
                "recognise it."
            )


def is_gone(client: Client) -> Callable[[Removal], bool]:
    """Return a function that tells whether the card or profile from a request is out of use."""

    def is_out_of_use(removal: Removal) -> bool:
        if removal.smartcard:
            found: Smartcard | Profile | MimcmError | None = alone(client.get_smartcard, removal.smartcard)
        else:
            found = alone(client.get_profile, removal.profile or "")
        # A card or profile that cannot be read may still be in use.
        if isinstance(found, MimcmError):
            return False
        return bool(found and found["status"] in _OUT_OF_USE)

    return is_out_of_use

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry a plan out: create, cancel and revoke, each for itself: one that is refused does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.plan import Enrolment, Plan, Removal
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AuthenticationFailed,
    Forbidden,
    MimcmError,
    ServerError,
    Transient,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import (
    Item,
    Request,
    wire_data_collection,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request import create, end, workflow_policy
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import (
    Wanted,
    carried_key,
    comment_with_key,
)

# Out of use, and nothing that could be revoked.
_GONE = ("Disabled", "Retired")
# A server that was away for so many in a row, each with its retries, is away for all.
_AWAY_MAX = 3


class Policies:
    """The policies that requests must agree with, each read once.

    Args:
        client: The API.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._found: dict[tuple[str, str | None], tuple[Item | None, str]] = {}
        self.warnings: list[str] = []

    def check(
        self,
        request_type: str,
        template: str | None,
        data_collection: Mapping[str, Any],
        remark: str = "",
        priority: int | None = None,
    ) -> None:
        """Refuse a request that does not agree with its policy. A policy that cannot be read is a warning.

        Raises:
            UsageError: The message says all that the policy has against it.
        """
        place = (request_type, template)
        if place not in self._found:
            self._found[place] = create.read_policy(self._client, Wanted(request_type, template))
            if self._found[place][0] is None:
                self.warnings.append(
                    f"Requests of type {request_type} were not checked against their policy: {self._found[place][1]}."
                )
        found, name = self._found[place]
        against = workflow_policy.objections(found, data_collection, remark, priority) if found else []
        if against:
            raise UsageError(f"{name} does not agree: {'; '.join(against)}")


class Worker:
    """Carries out what a plan says.

    Args:
        client: The API.
        scope: Which file it is.
        form: How data collections are sent.
        how: How far to go when a connection breaks.
        policies: What to check against, None for nothing.
        check_mode: Whether nothing may be sent.
        known: The ids of all requests that were there before.
    """

    def __init__(
        self,
        client: Client,
        scope: str,
        form: str,
        how: Persistence,
        policies: Policies | None,
        check_mode: bool,
        known: Collection[str],
    ) -> None:
        self._client, self._scope, self._form, self._how = client, scope, form, how
        self._policies, self._check_mode, self._known = policies, check_mode, known
        self._away = 0
        self._gave_up: str | None = None
        self.changed = False
        self.warnings: list[str] = []

    def carry_out(self, plan: Plan) -> list[str]:
        """Do all that the plan says, note in it what came of each, and return what failed."""
        failures: list[str] = []
        for enrolment in plan.enrolments:
            if enrolment.action == "create":
                enrolment.problem = self._attempt(lambda item=enrolment: self._create(item))  # type: ignore[misc]
                if enrolment.problem:
                    enrolment.outcome = "failed"
                    failures.append(f"{enrolment.wish.label}: {enrolment.problem}")
        for removal in plan.removals:
            if removal.action in ("cancel", "revoke"):
                act = self._cancel if removal.action == "cancel" else self._revoke
                removal.problem = self._attempt(lambda act=act, item=removal: act(item))  # type: ignore[misc]
                if removal.problem:
                    removal.failed = True
                    failures.append(f"{removal.label}: {removal.problem}")
        return failures

    def _attempt(self, act: Callable[[], None]) -> str | None:
        """Return why something could not be done, None if it was."""
        if self._gave_up:
            return f"It was not tried, because the server had failed before: {self._gave_up}"
        try:
            act()
        except MimcmError as error:
            self.changed = self.changed or bool(error.details.get("changed"))
            self._away = self._away + 1 if isinstance(error, Transient) else 0
            # A password that is refused again and again locks the account.
            if self._away >= _AWAY_MAX or isinstance(error, AuthenticationFailed):
                self._gave_up = str(error)
            return str(error)
        self._away = 0
        self.changed = True
        return None

    def _create(self, enrolment: Enrolment) -> None:
        wish = enrolment.wish
        if self._policies:
            self._policies.check("Enroll", wish.template, wish.data_collection, wish.remark, wish.priority)
        if self._check_mode:
            return
        body = {
            "profiletemplateuuid": wish.template,
            "datacollection": wire_data_collection(wish.data_collection, self._form),
            "target": wish.target,
            "type": "Enroll",
            "comment": wish.comment,
            "priority": None if wish.priority is None else str(wish.priority),
        }
        enrolment.request_id, request = self._sent(wish.wanted, body, enrolment)
        enrolment.status = request["status"] if request else None

    def _cancel(self, removal: Removal) -> None:
        if not self._check_mode:
            removal.request = end.end(self._client, removal.request, "canceled", self._how)

    def _revoke(self, removal: Removal) -> None:
        wanted = removal.revocation(self._scope)
        if self._policies:
            self._policies.check("Revoke", removal.request["profile_template_uuid"], {})
        if self._check_mode:
            return
        body = {
            "datacollection": wire_data_collection({}, self._form),
            "type": "Revoke",
            "comment": comment_with_key(f"No longer in {self._scope}", wanted.key),
            **removal.subject,
        }
        removal.revocation_id, _request = self._sent(wanted, body)

    def _sent(
        self, wanted: Wanted, body: Mapping[str, Any], enrolment: Enrolment | None = None
    ) -> tuple[str, Request | None]:
        try:
            request_id, request = create.create(self._client, wanted, body, self._how)
        except MimcmError as error:
            if enrolment and error.details.get("request_id"):
                enrolment.request_id = error.details["request_id"]
            raise
        if request_id in self._known:
            # What somebody had before they were away carries the same key.
            raise MimcmError(
                "The connection broke, and whether the request was created is not known", remedy="run the task again"
            )
        if request and request["comment"] is not None and carried_key(request) != wanted.key:
            self.warnings.append(
                f"The server did not keep the comment of request {request_id}, by which later runs know it again."
            )
        return request_id, request


def is_gone(client: Client) -> Callable[[Removal], bool]:
    """Return a function that tells whether the card or profile that a request brought is out of use."""

    def look(removal: Removal) -> bool:
        ((kind, item_id),) = removal.subject.items()
        try:
            found = client.get_smartcard(item_id) if kind == "smartcard" else client.get_profile(item_id)
        except (Forbidden, ServerError):
            # What cannot be seen is not known to be out of use.
            return False
        return bool(found and found["status"] in _GONE)

    return look

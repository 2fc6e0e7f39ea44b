# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agree with other runs that created the same request at the same moment: all continue with the one submitted first.

The API cannot make one of two simultaneous creations fail, so every run that has created a request looks at the open
ones once more. Each run withdraws at the most its own request, and only for one that was submitted before it; so the
first one always stays, however many runs there are and whenever they look.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import ENDED
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.create import Created
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.end import end
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.match import list_open, rivals
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import Wanted, submission_order
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import SYSTEM, Clock

LOG = logging.getLogger("certops.mimcm.agree")

_FRACTION = re.compile(r"\.([0-9]+)")


@dataclass(frozen=True)
class Agreement:
    """What came out of looking at the open requests again.

    Args:
        request: The request that every run continues with.
        withdrawn: Whether this run canceled the request that it had created.
        warnings: Warnings.
    """

    request: Request
    withdrawn: bool = False
    warnings: list[str] = field(default_factory=list)


def agree(client: Client, wanted: Wanted, created: Created, how: Persistence) -> Agreement:
    """Look at the open requests again after a creation, and return the request that every run continues with.

    If that fails, the created request stays.
    """
    pause_after([created])
    try:
        listed = list_open(client, wanted)
    except MimcmError as error:
        return Agreement(created.request, warnings=[not_looked(error)])
    return settle(client, created, rivals(listed, wanted), how)


def not_looked(error: MimcmError) -> str:
    """Return the warning that the open requests could not be read after a creation."""
    return (
        f"It is not known whether another run created the same request at the same moment, because looking for it "
        f"failed: {error.fact}; the next run tells."
    )


def pause_after(created: Sequence[Created], clock: Clock = SYSTEM) -> None:
    """Wait until the server's clock gives no further request the time of the last of these.

    Only then everybody sees the same requests of that time, of which the lowest id is the first. With the milliseconds
    or finer times that servers write, this takes no noticeable time.
    """
    submitted = created[-1].request["submitted"] if created else None
    if submitted:
        digits = _FRACTION.search(submitted)
        clock.sleep(10.0 ** -len(digits[1]) if digits else 1.0)


def settle(client: Client, created: Created, same: Sequence[Request], how: Persistence) -> Agreement:
    """Return the request that every run continues with, and cancel the created one if it is another.

    Args:
        client: The API.
        created: What was created.
        same: All open requests for the same, in any order.
        how: How hard to try to cancel.
    """
    own_id = created.request["uuid"]
    others = [request for request in same if request["uuid"] != own_id]
    if not others:
        return Agreement(created.request)
    own = next((request for request in same if request["uuid"] == own_id), None) or _read(client, created)
    first = min([own, *others], key=submission_order)
    if first is own or own["status"] in ENDED:
        return Agreement(own, warnings=[] if created.ours else [_uncertain(own_id, others)])
    problem = _withdraw(client, created, own, how)
    if problem is None:
        LOG.info("Request %s was submitted before %s, which is canceled", first["uuid"], own_id)
        return Agreement(first, withdrawn=True)
    warning = (
        f"Request {own_id} is a second one for the same; {first['uuid']} was submitted first and is used. The second "
        f"one was not canceled, because {problem}. Cancel it."
    )
    return Agreement(first, warnings=[warning])


def _uncertain(first_id: str, others: Sequence[Request]) -> str:
    return (
        f"There is more than one such request; {first_id} was submitted first. As the connection broke, it is not "
        f"known whether one of the others is from this run; cancel those that stay open: "
        f"{', '.join(request['uuid'] for request in others)}."
    )


def _read(client: Client, created: Created) -> Request:
    """Return the created request as it is now, if it left the open ones while they were read."""
    try:
        return client.get_request(created.request["uuid"]) or created.request
    except MimcmError:
        return created.request


def _withdraw(client: Client, created: Created, own: Request, how: Persistence) -> str | None:
    """Cancel the created request, and return why that was not done, None if it was."""
    if not created.ours:
        return "the connection broke during the creation, so it may be somebody else's"
    # A request that starts as Approved needs no approval; one that became Approved has been dealt with by somebody.
    if own["status"] not in (created.request["status"], "Pending"):
        return f"it is {own['status']} already"
    try:
        end(client, own, "canceled", how)
    except MimcmError as error:
        return error.fact
    return None

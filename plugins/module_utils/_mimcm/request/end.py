# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""End a request: complete, cancel or abandon it, unless it has ended that way already."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence, write_once
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import ENDED
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import existing
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import either


@dataclass(frozen=True)
class Ending:
    """A way to end a request.

    Args:
        sent: The name of the status that the API expects.
        status: The status of the request afterwards.
        sources: The statuses in which a request can be ended this way.
    """

    sent: str
    status: str
    sources: tuple[str, ...]


ENDINGS = {
    "completed": Ending("Completed", "Completed", ("Approved", "Executing")),
    # In which statuses a request can be canceled is not documented, so the server decides about every open status.
    "canceled": Ending("Canceled", "Canceled", ("None", "Pending", "Approved", "Executing")),
    "abandoned": Ending("Abandoned", "Failed", ("Approved", "Executing")),
}


def check_reachable(request: Request, state: str) -> None:
    """Refuse to end a request in a way that its status does not allow. About an unknown status the server decides.

    Raises:
        UsageError: The status does not allow it; the message names the statuses that do.
    """
    ending, status = ENDINGS[state], request["status"]
    if status is None or status in ending.sources:
        return
    sources = [source for source in ending.sources if source != "None"]
    what_now = "this one has already ended" if status in ENDED else "wait with mimcm_request_wait until it is Approved"
    raise UsageError(
        f"Request {request['uuid']} is {status} and cannot be {state}",
        remedy=f"only a request that is {either(sources)} can be, and {what_now}",
    )


def end(client: Client, request: Request, state: str, how: Persistence) -> Request:
    """End a request, and return it as it is then.

    Raises:
        MimcmError: The server refused the change, or accepted it without effect.
    """
    ending, request_id = ENDINGS[state], request["uuid"]

    def look() -> Request | None:
        found = client.get_request(request_id)
        return found if found and found["status"] == ending.status else None

    after = write_once(
        lambda: client.update_request(request_id, ending.sent) or existing(client, request_id),
        look,
        f"the change of request {request_id}",
        how,
    )
    if after["status"] not in (ending.status, None):
        # The answer may have been written before the change took effect.
        after = existing(client, request_id)
    if after["status"] not in (ending.status, None):
        raise MimcmError(
            f"The server accepted the change of request {request_id} to {state}, but it is still {after['status']}",
            remedy="look at it in the MIM CM portal",
            request=after,
        )
    return after

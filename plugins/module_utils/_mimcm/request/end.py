# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""End a request: complete, cancel or abandon it, if it has not ended like that already."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence, write_once
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import ENDED
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import existing


@dataclass(frozen=True)
class Ending:
    """A way to end a request.

    Args:
        sent: What the API calls it.
        status: The status that the request has then.
        sources: The statuses from which it gets there.
    """

    sent: str
    status: str
    sources: tuple[str, ...]


ENDINGS = {
    "completed": Ending("Completed", "Completed", ("Approved", "Executing")),
    # From where a request can be canceled is not documented: any open status is left for the server to judge.
    "canceled": Ending("Canceled", "Canceled", ("None", "Pending", "Approved", "Executing")),
    "abandoned": Ending("Abandoned", "Failed", ("Approved", "Executing")),
}


def check_reachable(request: Request, state: str) -> None:
    """Refuse what the lifecycle does not have. A status that the collection does not know is left to the server.

    Raises:
        UsageError: The message says from which statuses it could.
    """
    ending, status = ENDINGS[state], request["status"]
    if status is None or status in ending.sources:
        return
    sources = [source for source in ending.sources if source != "None"]
    what_now = "it has ended" if status in ENDED else "wait until it is Approved with mimcm_request_wait"
    raise UsageError(
        f"Request {request['uuid']} is {status} and cannot be {state}",
        remedy=f"that is possible from {', '.join(sources[:-1])} or {sources[-1]}, and {what_now}",
    )


def end(client: Client, request: Request, state: str, how: Persistence) -> Request:
    """End a request, and return it as it is then.

    Raises:
        MimcmError: The server refused it, or accepted it without effect.
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
            f"The server accepted that request {request_id} is {state}, but it is still {after['status']}",
            remedy="look at it in the MIM CM portal",
            request=after,
        )
    return after

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look things up by id: requests with the fewest calls, because one list call answers for many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import Item, Request


def find_requests(
    client: Client, ids: Sequence[str], status: str | None = None
) -> Iterator[tuple[str, Request | None]]:
    """Yield each id with its request, None where the server knows none.

    What was found before a call fails has been yielded by then. An id that a list leaves out is asked for by itself:
    the caller may read single requests that no list shows, and a list by status leaves out what has another.

    Args:
        client: The API.
        ids: The requests' ids, normalised.
        status: Let the server list only requests in this status.
    """
    if not ids:
        return
    listed = {} if len(ids) == 1 else {found["uuid"]: found for found in client.list_requests(status=status)}
    for request_id in ids:
        if request_id in listed:
            yield request_id, listed[request_id]
    for request_id in ids:
        if request_id not in listed:
            yield request_id, client.get_request(request_id)


def find_each(get: Callable[[str], Item | None], ids: Iterable[str]) -> tuple[list[Item], list[str]]:
    """Return the things with these ids, and the ids that the server does not know.

    Args:
        get: Reads one.
        ids: Their ids, normalised.
    """
    answers = {item_id: get(item_id) for item_id in ids}
    found = [item for item in answers.values() if item is not None]
    return found, [item_id for item_id, item in answers.items() if item is None]


def with_gathered(
    found: Iterable[Item], gather: Iterable[str], readers: Mapping[str, Callable[[str], Any]]
) -> list[Item]:
    """Return things with what was asked for besides, one more call for each.

    Args:
        found: The things.
        gather: The names of what is asked for.
        readers: For each name what reads it, given an id.
    """
    return [{**item, **{name: readers[name](item["uuid"]) for name in gather}} for item in found]

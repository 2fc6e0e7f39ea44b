# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up objects by id: requests with the cheapest calls, because one list covers many; other objects one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AnswerTooLarge,
    Forbidden,
    MimcmError,
    ServerError,
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import STATUS_CHOICES
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.call_costs import Costs

# After this many failures, stop: the server fails for every request.
_FAILURES = 10


_Item = TypeVar("_Item", bound=Mapping[str, Any])


class RequestFinder:
    """Finds requests by id, repeatedly, each time with the calls that should be cheapest by the costs of earlier ones.

    A list by status covers all requests that are still in this status. Requests that have left it are read from the
    list of a later status or by id, whichever costs less. Requests that are in no list are read by id too, so the
    choice of calls never affects the result.

    Args:
        client: The API.
        lists: The lists that may be used, by status in the order of a request's life; None is the list of everything.
        now: A monotonic clock.
    """

    def __init__(
        self,
        client: Client,
        lists: Sequence[str | None] = (*STATUS_CHOICES, None),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._lists, self._now = client, lists, now
        self._costs = Costs(client.max_connections)
        # The status in which each request was last seen, empty if no list by status has it.
        self._seen_in: dict[str, str] = {}

    def find(self, ids: Sequence[str]) -> Iterator[tuple[str, Request | None]]:
        """Yield each id with its request, None if the server does not have it, in any order.

        If a call fails, the requests that were found before have been yielded already.

        Args:
            ids: The requests' ids, normalised.
        """
        left = dict.fromkeys(ids)
        failures: list[MimcmError] = []
        if self._costs.unknown and len(ids) > 1:
            # One single look-up first, because all other costs are compared with its cost.
            del left[ids[0]]
            yield from self._each(ids[:1], set(), failures)
        # Requests that may be in any list: not seen yet, or no longer in the status in which they were seen.
        adrift = {request_id for request_id in left if request_id not in self._seen_in}
        made: set[str | None] = set()
        for status in self._lists:
            here = {request_id for request_id in left if self._seen_in.get(request_id) == status}
            # The list of everything may have any of them.
            sought = set(left) if status is None else adrift
            if not self._worthwhile(status, len(here), len(sought)):
                continue
            made.add(status)
            # By id, in case a list has a request twice.
            for request_id, request in {found["uuid"]: found for found in self._listed(status, left.keys())}.items():
                del left[request_id]
                self._seen_in[request_id] = request["status"] or ""
                yield request_id, request
            if sought:
                self._costs.saw_share(status, 1 - len(left.keys() & sought) / len(sought))
            adrift = left.keys() & (adrift | here)
        self._costs.forget(made)
        yield from self._each(left, made, failures)
        if failures:
            raise failures[0]

    def _each(
        self, ids: Iterable[str], made: Collection[str | None], failures: list[MimcmError]
    ) -> Iterator[tuple[str, Request | None]]:
        """Yield the requests that are found by id. If the server fails for one of them, the others are still yielded.

        Args:
            ids: The ids to look up.
            made: The lists that did not have them.
            failures: The list to which errors are appended.
        """
        # Requests that were never seen come first, in case the time is up before the last one.
        wanted = sorted(ids, key=self._seen_in.__contains__)
        for request_id, (answer, seconds, error) in self._client.each(self._timed, wanted):
            if error:
                failures.append(error)
                if len(failures) > _FAILURES:
                    break
                continue
            self._costs.saw_single(seconds)
            if answer is not None:
                # If the list of its status did not have it, it is not looked for in that list again.
                self._seen_in[request_id] = "" if answer["status"] in made else answer["status"] or ""
            yield request_id, answer

    def _worthwhile(self, status: str | None, here: int, sought: int) -> bool:
        """Return whether a list costs less than single look-ups of the requests that are expected in it.

        Args:
            status: The status of the list.
            here: How many of the requests it had the last time.
            sought: How many others may be in it.
        """
        expected = here + sought * self._costs.share(status)
        if here + sought < 2:
            return False
        return self._costs.listing(status, here + sought) <= self._costs.singles(expected)

    def _listed(self, status: str | None, wanted: Collection[str]) -> list[Request]:
        """Return the wanted requests that are in a list."""
        start = self._now()
        try:
            found = self._client.pick_requests(wanted, status)
        except Forbidden:
            # An account that may not list requests may still read single ones.
            self._costs.saw_refusal(self._lists)
            return []
        except AnswerTooLarge:
            self._costs.saw_refusal([status])
            return []
        except MimcmError:
            self._costs.saw_failure(status)
            raise
        self._costs.saw_list(status, self._now() - start)
        return found

    def _timed(self, request_id: str) -> tuple[Request | None, float, MimcmError | None]:
        start = self._now()
        try:
            return self._client.get_request(request_id), self._now() - start, None
        except (Forbidden, ServerError) as error:
            return None, 0.0, error


def find_each(client: Client, get: Callable[[str], _Item | None], ids: Iterable[str]) -> tuple[list[_Item], list[str]]:
    """Return the objects with these ids in the order of the ids, and the ids that the server does not have.

    Args:
        client: The API.
        get: Reads one object; a method of the client.
        ids: The ids, normalised.
    """
    wanted = list(ids)
    answers = dict(client.each(get, wanted))
    found = [item for item_id in wanted if (item := answers[item_id]) is not None]
    return found, [item_id for item_id in wanted if answers[item_id] is None]


def with_gathered(
    client: Client, found: Iterable[_Item], gather: Iterable[str], readers: Mapping[str, Callable[[str], Any]]
) -> list[_Item]:
    """Return objects with additional properties, each of which takes one more call per object.

    Args:
        client: The API.
        found: The objects.
        gather: The names of the additional properties.
        readers: For each name the function that reads the property, given an id.
    """
    objects = list(found)
    ids = [item["uuid"] for item in objects]
    gathered = {name: dict(client.each(readers[name], ids)) for name in gather}
    # cast, because the types of the objects do not have the additional properties.
    return [cast(_Item, {**item, **{name: gathered[name][item["uuid"]] for name in gather}}) for item in objects]


def existing(client: Client, request_id: str) -> Request:
    """Return a request that must exist.

    Raises:
        UsageError: The server does not have it.
    """
    request = client.get_request(request_id)
    if request is None:
        raise UsageError(
            f"Request {request_id} does not exist on the server, or the account may not read it",
            remedy="check request_id",
        )
    return request

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look things up by id: requests with the cheapest calls, because a list answers for many; other things one by one."""

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

# A server that fails over so many requests fails over all.
_FAILURES = 10


_Item = TypeVar("_Item", bound=Mapping[str, Any])


class RequestFinder:
    """Finds requests by id, again and again, each time with the calls that seem cheapest by what was seen before.

    A list by status answers for all requests that are still in it. What has left it may be in the list of a later
    status, or is asked for by its id, whichever costs less. So is what no list shows: the choice of calls never decides
    what is found.

    Args:
        client: The API.
        lists: The lists that may be used, by status in the order of a request's life; None is the list of everything.
        now: A clock.
    """

    def __init__(
        self,
        client: Client,
        lists: Sequence[str | None] = (*STATUS_CHOICES, None),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._lists, self._now = client, lists, now
        self._costs = Costs(client.max_connections)
        # The status that each request was last seen in, empty if no list by status shows it.
        self._places: dict[str, str] = {}

    def find(self, ids: Sequence[str]) -> Iterator[tuple[str, Request | None]]:
        """Yield each id with its request, None where the server knows none; in no order.

        What was found before a call fails has been yielded by then.

        Args:
            ids: The requests' ids, normalised.
        """
        left = dict.fromkeys(ids)
        failures: list[MimcmError] = []
        if self._costs.unknown and len(ids) > 1:
            # What one costs is what all else is compared with.
            del left[ids[0]]
            yield from self._each(ids[:1], set(), failures)
        # What may be anywhere: not seen yet, or gone from where it was.
        adrift = {request_id for request_id in left if request_id not in self._places}
        made: set[str | None] = set()
        for status in self._lists:
            here = {request_id for request_id in left if self._places.get(request_id) == status}
            # The list of everything may have any of them.
            sought = set(left) if status is None else adrift
            if not self._worthwhile(status, len(here), len(sought)):
                continue
            made.add(status)
            # By id, should a list show one twice.
            for request_id, request in {found["uuid"]: found for found in self._listed(status, left.keys())}.items():
                del left[request_id]
                self._places[request_id] = request["status"] or ""
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
        """Yield what is found by id; a request over which the server fails does not keep the others back.

        Args:
            ids: What to look up.
            made: The lists that did not have them.
            failures: Gets the errors.
        """
        # Those that were never seen first, should the time not last for all.
        wanted = sorted(ids, key=self._places.__contains__)
        for request_id, (answer, seconds, error) in self._client.each(self._timed, wanted):
            if error:
                failures.append(error)
                if len(failures) > _FAILURES:
                    break
                continue
            self._costs.saw_single(seconds)
            if answer is not None:
                # What its status's list did not show is not looked for there again.
                self._places[request_id] = "" if answer["status"] in made else answer["status"] or ""
            yield request_id, answer

    def _worthwhile(self, status: str | None, here: int, sought: int) -> bool:
        """Whether a list costs less than asking singly for the requests that it is expected to answer for.

        Args:
            status: Which list.
            here: How many requests it showed the last time.
            sought: How many others may be in it.
        """
        expected = here + sought * self._costs.share(status)
        if here + sought < 2:
            return False
        return self._costs.listing(status, here + sought) <= self._costs.singles(expected)

    def _listed(self, status: str | None, wanted: Collection[str]) -> list[Request]:
        """Return those of the wanted requests that a list has."""
        start = self._now()
        try:
            found = self._client.pick_requests(wanted, status)
        except Forbidden:
            # Somebody who may not list may still read single requests.
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
    """Return the things with these ids in the ids' order, and the ids that the server does not know.

    Args:
        client: The API.
        get: Reads one; a method of the client.
        ids: Their ids, normalised.
    """
    wanted = list(ids)
    answers = dict(client.each(get, wanted))
    found = [item for item_id in wanted if (item := answers[item_id]) is not None]
    return found, [item_id for item_id in wanted if answers[item_id] is None]


def with_gathered(
    client: Client, found: Iterable[_Item], gather: Iterable[str], readers: Mapping[str, Callable[[str], Any]]
) -> list[_Item]:
    """Return things with what was asked for besides, one more call for each.

    Args:
        client: The API.
        found: The things.
        gather: The names of what is asked for.
        readers: For each name what reads it, given an id.
    """
    things = list(found)
    ids = [item["uuid"] for item in things]
    gathered = {name: dict(client.each(readers[name], ids)) for name in gather}
    # What is gathered is beside the documented properties.
    return [cast(_Item, {**item, **{name: gathered[name][item["uuid"]] for name in gather}}) for item in things]


def existing(client: Client, request_id: str) -> Request:
    """Return a request that must exist.

    Raises:
        UsageError: The server does not know it.
    """
    request = client.get_request(request_id)
    if request is None:
        raise UsageError(
            f"Request {request_id} is not known to the server, or the account may not read it",
            remedy="check request_id",
        )
    return request

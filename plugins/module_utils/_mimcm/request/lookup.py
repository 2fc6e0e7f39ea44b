# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look up objects by id: requests with the cheapest calls, because one list covers many; other objects one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Generic, ParamSpec, TypedDict, TypeVar, cast

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AnswerTooLarge,
    ConnectionFailed,
    Forbidden,
    MimcmError,
    Recovery,
    RequestRejected,
    UsageError,
    about_one_item,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import STATUS_CHOICES
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.call_costs import Costs
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import some
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import Found

# After this many failures in a row, stop: the server fails for every request.
_FAILURES = 10
_BROKEN_CONNECTIONS = 2


_Item = TypeVar("_Item", bound=Mapping[str, Any])
_Read = TypeVar("_Read")
_Given = ParamSpec("_Given")


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
        # The requests that could not be read the last time.
        self._failed: set[str] = set()

    def find(self, ids: Sequence[str]) -> Iterator[tuple[str, Found]]:
        """Yield each id with what was found for it, in any order.

        If the server as a whole fails, the requests that were found before have been yielded already.

        Args:
            ids: The requests' ids, normalised.

        Raises:
            MimcmError: The failure of a list or of single calls that says something about all requests.
        """
        with self._client.reading_several() if len(ids) > 1 else nullcontext():
            yield from self._found(ids)

    def _found(self, ids: Sequence[str]) -> Iterator[tuple[str, Found]]:
        left = dict.fromkeys(ids)
        failures = _Failures()
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
                failures.answered()
                self._seen_in[request_id] = request["status"] or ""
                yield request_id, request
            if sought:
                self._costs.saw_share(status, 1 - len(left.keys() & sought) / len(sought))
            adrift = left.keys() & (adrift | here)
        self._costs.forget(made)
        yield from self._each(left, made, failures)
        yield from failures.settled()
        self._failed = set(failures.passing)

    def looked(self, ids: Sequence[str]) -> Looked[Request]:
        """Return the requests with these ids in the order of the ids; see L(find)."""
        return _in_order(dict(self.find(ids)), ids)

    def _each(
        self, ids: Iterable[str], made: Collection[str | None], failures: _Failures
    ) -> Iterator[tuple[str, Found]]:
        """Yield what is found by id. An error about one request is yielded in its place, at once if it will not pass.

        Args:
            ids: The ids to look up.
            made: The lists that did not have them.
            failures: Notes the errors that may pass.
        """
        # Requests that were never seen come first, in case the time is up before the last one; those that failed the
        # last time come after all others, which they must not keep back.
        wanted = sorted(ids, key=lambda request_id: (request_id in self._failed, request_id in self._seen_in))
        for request_id, (answer, seconds) in self._client.each(self._timed, wanted):
            if isinstance(answer, MimcmError) and answer.recovery is not Recovery.NEVER:
                failures.note(request_id, answer)
                if failures.everywhere:
                    self._failed = set(failures.passing)
                    raise answer
                continue
            if not isinstance(answer, MimcmError):
                failures.answered()
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
        except (Forbidden, RequestRejected):
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

    def _timed(self, request_id: str) -> tuple[Found, float]:
        start = self._now()
        return alone(self._client.get_request, request_id), self._now() - start


class _Failures:
    """The errors of one search that may pass, by id, and whether they are about the whole server."""

    def __init__(self) -> None:
        self.passing: dict[str, MimcmError] = {}
        self._answers = self._in_a_row = self._broken_in_a_row = 0

    def answered(self) -> None:
        """Note that a call was answered."""
        self._answers += 1
        self._in_a_row = self._broken_in_a_row = 0

    def note(self, request_id: str, error: MimcmError) -> None:
        """Note the failure of one call."""
        self.passing[request_id] = error
        self._in_a_row += 1
        self._broken_in_a_row += isinstance(error, ConnectionFailed)

    @property
    def everywhere(self) -> bool:
        """Whether the server seems to fail for every request, so that asking it for more is of no use."""
        return self._in_a_row > _FAILURES or self._broken_in_a_row > _BROKEN_CONNECTIONS

    def settled(self) -> Iterator[tuple[str, MimcmError]]:
        """Yield the errors, which are about one request each.

        Raises:
            MimcmError: No call at all was answered, so the error is about the server.
        """
        if self.passing and not self._answers:
            raise list(self.passing.values())[0]  # noqa: RUF015
        yield from self.passing.items()


def alone(read: Callable[_Given, _Read], *given: _Given.args, **named: _Given.kwargs) -> _Read | MimcmError:
    """Return what is read for one item, or the error if it is about this item alone: it must not stop the others.

    Args:
        read: Reads one item; most often a method of the client.
        given: What to give to it, such as the item's id.
        named: The same by name.

    Raises:
        MimcmError: The failure says something about every item.
    """
    try:
        return read(*given, **named)
    except MimcmError as error:
        if not about_one_item(error):
            raise
        return error


def each_alone(client: Client, read: Callable[[str], _Read], ids: Sequence[str]) -> dict[str, _Read | MimcmError]:
    """Return what is read for each id, or the error of those that alone cannot be read.

    Args:
        client: The API.
        read: Reads one item; a method of the client.
        ids: The ids of the items.
    """
    with client.reading_several() if len(ids) > 1 else nullcontext():
        return dict(client.each(lambda item_id: alone(read, item_id), ids))


@dataclass
class Looked(Generic[_Item]):
    """What was found for the ids of objects."""

    found: list[_Item]
    missing: list[str] = field(default_factory=list)
    """The ids that the server does not have."""
    errors: dict[str, MimcmError] = field(default_factory=dict)
    """Why an object could not be read, or not all of it, by id."""

    @property
    def problems(self) -> dict[str, str]:
        """For the id of each object that could not be read, or not all of it, the message of the error."""
        return {item_id: str(error) for item_id, error in self.errors.items()}

    def check(self) -> None:
        """Refuse to go on with nothing.

        Raises:
            MimcmError: Nothing at all could be read, so the first error is that of the task.
        """
        if self.errors and not self.missing and all(item["uuid"] in self.errors for item in self.found):
            first = next(iter(self.errors.values()))
            raise first.with_details({"unreadable": list(self.errors), "problems": self.problems})

    def warnings(self, what: str) -> list[str]:
        """Return a warning if an object could not be read.

        Args:
            what: The objects' name in the plural.
        """
        if not self.errors:
            return []
        total = len(self.errors.keys() | {item["uuid"] for item in self.found} | set(self.missing))
        first = next(iter(self.errors.values()))
        return [f"{len(self.errors)} of {total} {what} could not be read: {some([str(first)], len(self.errors), 1)}"]


class NotRead(TypedDict):
    """The part of a result that says which objects are missing, and which could not be read."""

    missing: list[str]
    unreadable: list[str]
    problems: dict[str, str]


def find_each(client: Client, get: Callable[[str], _Item | None], ids: Iterable[str]) -> Looked[_Item]:
    """Return the objects with these ids in the order of the ids.

    Args:
        client: The API.
        get: Reads one object; a method of the client.
        ids: The ids, normalised.
    """
    wanted = list(ids)
    return _in_order(each_alone(client, get, wanted), wanted)


def _in_order(answers: Mapping[str, _Item | MimcmError | None], ids: Iterable[str]) -> Looked[_Item]:
    looked: Looked[_Item] = Looked([])
    for item_id in ids:
        answer = answers[item_id]
        if isinstance(answer, MimcmError):
            looked.errors[item_id] = answer
        elif answer is None:
            looked.missing.append(item_id)
        else:
            looked.found.append(answer)
    return looked


def with_gathered(
    client: Client, looked: Looked[_Item], gather: Iterable[str], readers: Mapping[str, Callable[[str], Any]]
) -> None:
    """Add properties to the objects that were found, each of which takes one more call per object.

    A property that cannot be read is null, and the error is noted.

    Args:
        client: The API.
        looked: The objects.
        gather: The names of the additional properties.
        readers: For each name the function that reads the property, given an id.
    """
    ids = [item["uuid"] for item in looked.found]
    for name in gather:
        answers = each_alone(client, readers[name], ids)
        failed = {item_id: answer for item_id, answer in answers.items() if isinstance(answer, MimcmError)}
        looked.errors.update((item_id, failed[item_id]) for item_id in ids if item_id in failed)
        # cast, because the types of the objects do not have the additional properties.
        looked.found = [
            cast(_Item, {**item, name: None if item["uuid"] in failed else answers[item["uuid"]]})
            for item in looked.found
        ]


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

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which calls find requests, on a server whose answers take a known time; and that the answer never depends on them."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import RequestFinder

STATUSES = ["Pending", "Approved", "Executing", "Completed", "Denied", "Canceled", "Failed", "None", None]


class Server:
    """The requests of a server, and what its answers cost in seconds; other people's requests only make lists long."""

    def __init__(self, ours: dict[str, str | None], others: dict[str, int] | None = None) -> None:
        self.ours, self.others = ours, others or {}
        self.unlisted: set[str] = set()
        self.filters, self.trouble = True, {}
        self.single, self.call, self.entry, self.max_connections = 0.02, 0.02, 0.0004, 4
        self.time, self.calls = 0.0, []

    def now(self) -> float:
        return self.time

    def pick_requests(self, ids: Container[str], status: str | None = None) -> list[dict[str, Any]]:
        self.calls.append(status or "all")
        if status in self.trouble:
            self.time += self.call
            raise self.trouble[status]
        wanted = status if self.filters else None
        size = sum(count for name, count in self.others.items() if wanted in (None, name))
        listed = [name for name, own in self.ours.items() if wanted in (None, own) and name not in self.unlisted]
        self.time += self.call + self.entry * (size + len(listed))
        return [{"uuid": name, "status": self.ours[name]} for name in listed if name in ids]

    def get_request(self, request_id: str) -> dict[str, Any] | None:
        self.calls.append("single")
        self.time += self.single
        if "single" in self.trouble:
            raise self.trouble["single"]
        return {"uuid": request_id, "status": self.ours[request_id]} if request_id in self.ours else None

    def each(self, read: Callable[[str], Any], ids: Sequence[str]) -> Iterator[tuple[str, Any]]:
        return ((request_id, read(request_id)) for request_id in ids)

    def reading_several(self) -> AbstractContextManager[None]:
        return nullcontext()

    def finder(self) -> RequestFinder:
        return RequestFinder(self, now=self.now)  # type: ignore[arg-type]

    def look(self, finder: RequestFinder) -> list[str]:
        """Look all requests up, check what is found, and return which calls that took."""
        self.calls = []
        found = list(finder.find(list(self.ours)))
        assert sorted(found) == sorted((name, {"uuid": name, "status": status}) for name, status in self.ours.items())
        return self.calls


def pending(count: int) -> dict[str, str | None]:
    return {f"id-{number}": "Pending" for number in range(count)}


@pytest.mark.parametrize("count", [5, 10, 100, 1000, 10000])
def test_one_list_answers_for_all_that_wait(count: int) -> None:
    server = Server(pending(count))
    finder = server.finder()
    # The first single call shows what such a call costs.
    assert server.look(finder) == ["single", "Pending"]
    assert [server.look(finder) for _look in range(5)] == [["Pending"]] * 5


@pytest.mark.parametrize("connections", [1, 4, 16])
def test_the_more_go_side_by_side_the_less_a_single_call_counts(connections: int) -> None:
    server = Server(pending(12))
    server.call, server.max_connections = 0.25, connections
    finder = server.finder()
    server.look(finder)
    server.look(finder)
    assert server.look(finder) == (["Pending"] if connections == 1 else ["single"] * 12)


def test_one_request_is_one_single_call_whatever_the_lists_cost() -> None:
    server = Server(pending(1))
    server.call = 0.0
    finder = server.finder()
    assert [server.look(finder) for _look in range(5)] == [["single"]] * 5


@pytest.mark.parametrize("count", [100, 1000, 10000])
@pytest.mark.parametrize("then", ["Approved", "Executing"])
def test_calls_do_not_grow_with_what_moves_on_at_each_look(count: int, then: str) -> None:
    server = Server(pending(count), {"Completed": 100000})
    finder = server.finder()
    made = [server.look(finder)]
    for look in range(9):
        for number in range(look * count // 10, (look + 1) * count // 10):
            server.ours[f"id-{number}"] = then
        made.append(server.look(finder))
    assert max(len(calls) for calls in made) <= 3
    assert {name for calls in made[1:] for name in calls} <= {"Pending", "Approved", "Executing"}


@pytest.mark.parametrize("count", [100, 1000, 10000])
def test_calls_do_not_grow_with_what_ends_in_any_way_at_each_look(count: int) -> None:
    server = Server(pending(count), {"Completed": 2000, "Denied": 100})
    server.entry = 0.00005
    finder = server.finder()
    made = [server.look(finder)]
    ends = ["Approved"] * 6 + ["Completed", "Denied", "Canceled", "Failed"]
    for look in range(9):
        moved = [f"id-{number}" for number in range(look * count // 10, (look + 1) * count // 10)]
        server.ours.update({name: ends[position % 10] for position, name in enumerate(moved)})
        made.append(server.look(finder))
        for name in moved:
            # Nobody waits for it any more.
            status = str(server.ours.pop(name))
            server.others[status] = server.others.get(status, 0) + 1
    # A handful that completed is looked up singly; thousands are found in their list.
    assert max(len(calls) for calls in made) <= 20


def test_few_that_ended_among_many_are_asked_for_singly() -> None:
    server = Server(pending(50), {"Completed": 100000, "Denied": 100000})
    finder = server.finder()
    server.look(finder)
    server.ours.update({"id-1": "Completed", "id-2": "Denied", "id-3": "Failed"})
    calls = server.look(finder)
    assert calls.count("single") in (2, 3)
    assert not {"all", "Completed", "Denied", "Failed"} & set(calls)


def test_the_list_of_what_ended_serves_those_who_ended_by_the_thousand() -> None:
    server = Server(pending(5000), {"Completed": 5000})
    finder = server.finder()
    server.look(finder)
    server.ours.update(dict.fromkeys(server.ours, "Completed"))
    assert server.look(finder) == ["Pending", "Approved", "Executing", "Completed"]


@pytest.mark.parametrize("count", [3, 20])
def test_a_few_are_not_looked_for_in_a_giant_list_again(count: int) -> None:
    server = Server(pending(count), {"Pending": 100000})
    finder = server.finder()
    made = [call for _look in range(8) for call in server.look(finder)]
    assert made.count("Pending") == 1
    assert set(made) == {"Pending", "single"}


def test_many_are_looked_for_in_a_long_list_if_single_calls_would_take_longer() -> None:
    server = Server(pending(2000), {"Pending": 20000})
    finder = server.finder()
    server.look(finder)
    assert [server.look(finder) for _look in range(3)] == [["Pending"]] * 3


def test_a_server_that_does_not_filter_answers_for_all_at_once() -> None:
    server = Server({**pending(50), "id-3": "Approved", "id-4": "Completed", "id-5": None})
    server.filters = False
    assert server.look(server.finder()) == ["single", "Pending"]


def test_what_no_list_shows_is_asked_for_singly() -> None:
    server = Server(pending(300))
    server.unlisted = {f"id-{number}" for number in range(10)}
    finder = server.finder()
    server.look(finder)
    assert server.look(finder) == ["Pending", *["single"] * 10]
    server.unlisted = set(server.ours)
    server.look(finder)
    calls = server.look(finder)
    assert calls.count("single") == 300
    assert len(calls) <= 301


def test_numbers_that_have_no_name_are_found_in_the_list_of_everything_if_they_are_many() -> None:
    server = Server(dict.fromkeys(pending(1000)))
    finder = server.finder()
    server.look(finder)
    assert server.look(finder) == ["all"]


def test_it_changes_its_mind_when_lists_become_slow_and_again_when_they_become_fast() -> None:
    server = Server(pending(20))
    finder = server.finder()
    server.look(finder)
    assert server.look(finder) == ["Pending"]
    server.call = 3.0
    assert server.look(finder) == ["Pending"]
    assert server.look(finder) == ["single"] * 20
    server.call = 0.02
    made = [server.look(finder) for _look in range(80)]
    assert made[-1] == ["Pending"]
    assert made.count(["Pending"]) > 20


def test_lists_that_are_forbidden_are_not_asked_for_again() -> None:
    server = Server(pending(20))
    server.trouble = dict.fromkeys(STATUSES, errors.Forbidden("no lists"))
    finder = server.finder()
    assert server.look(finder) == ["single", "Pending", *["single"] * 19]
    assert server.look(finder) == ["single"] * 20


def test_what_is_forbidden_singly_too_is_told_of_each() -> None:
    server = Server(pending(20))
    server.trouble = dict.fromkeys([*STATUSES, "single"], errors.Forbidden("nothing"))
    found = dict(server.finder().find(list(server.ours)))
    assert found.keys() == server.ours.keys()
    assert all(isinstance(error, errors.Forbidden) for error in found.values())


def test_what_is_refused_for_every_request_ends_the_search() -> None:
    server = Server(pending(20))
    server.trouble = dict.fromkeys([*STATUSES, "single"], errors.AuthenticationFailed("401"))
    with pytest.raises(errors.AuthenticationFailed):
        list(server.finder().find(list(server.ours)))
    assert len(server.calls) == 1


def test_a_list_that_goes_on_failing_is_not_depended_on_for_ever() -> None:
    server = Server(pending(100))
    server.trouble = {"Pending": errors.ServerUnavailable("busy")}
    finder = server.finder()
    failures = 0
    while failures < 10:
        try:
            calls = server.look(finder)
            break
        except errors.ServerUnavailable:
            failures += 1
    assert 1 <= failures < 6
    assert "Pending" not in calls


@pytest.mark.parametrize("ill", ["id-0", "id-3", "id-19"])
@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    "error",
    [
        errors.ServerError("correlation id 1"),
        errors.Forbidden("no right"),
        errors.ItemForbidden("no right"),
        errors.RequestRejected("418"),
        errors.InvalidAnswer("HTML"),
        errors.AnswerTooLarge("a giant"),
        errors.ServerUnavailable("503"),
        errors.ConnectionFailed("reset"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_request_that_cannot_be_read_does_not_keep_the_others_back(
    ill: str, listed: bool, error: errors.MimcmError
) -> None:
    server = Server(pending(20))
    server.unlisted = {ill} if listed else set(server.ours)
    read = server.get_request

    def fail_over_one(request_id: str) -> Any:
        if request_id == ill:
            raise error
        return read(request_id)

    server.get_request = fail_over_one  # type: ignore[method-assign]
    found = dict(server.finder().find(list(server.ours)))
    assert found.keys() == server.ours.keys()
    assert [name for name, answer in found.items() if isinstance(answer, errors.MimcmError)] == [ill]


def test_those_that_failed_the_last_time_come_after_all_others() -> None:
    server = Server(pending(6))
    server.unlisted = set(server.ours)
    read = server.get_request
    server.get_request = _raising(errors.ServerUnavailable("503"), "id-1")  # type: ignore[method-assign]
    finder = server.finder()
    list(finder.find(["id-0", "id-1", "id-2"]))
    server.get_request = read  # type: ignore[method-assign]
    assert [name for name, _request in finder.find(list(server.ours))][-1] == "id-1"


def _raising(error: errors.MimcmError, ill: str) -> Callable[[str], Any]:
    def read(request_id: str) -> Any:
        if request_id == ill:
            raise error
        return {"uuid": request_id, "status": "Pending"}

    return read


def test_a_list_that_shows_a_request_twice() -> None:
    server = Server(pending(20))
    pick = server.pick_requests
    server.pick_requests = lambda ids, status=None: pick(ids, status) * 2  # type: ignore[method-assign]
    server.look(server.finder())


def test_a_server_that_fails_over_everything_is_not_asked_for_everything() -> None:
    server = Server(pending(500))
    server.unlisted = set(server.ours)
    server.trouble = {"single": errors.ServerError("correlation id 1")}
    with pytest.raises(errors.ServerError):
        list(server.finder().find(list(server.ours)))
    assert server.calls.count("single") < 20


def test_a_list_that_is_too_large_is_done_without() -> None:
    server = Server(pending(20))
    server.trouble = {"Pending": errors.AnswerTooLarge("larger than max_response_bytes")}
    finder = server.finder()
    server.look(finder)
    assert "Pending" not in server.look(finder)


def test_those_that_were_never_seen_come_first() -> None:
    server = Server(pending(6))
    server.unlisted = set(server.ours)
    finder = server.finder()
    list(finder.find(["id-1", "id-3"]))
    assert [name for name, _request in finder.find(list(server.ours))][-2:] == ["id-1", "id-3"]


requests = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.sampled_from(STATUSES), max_size=30)
lengths = st.dictionaries(st.sampled_from([name for name in STATUSES if name]), st.integers(0, 20000))


@given(data=st.data(), ours=requests, others=lengths, filters=st.booleans(), forbidden=st.booleans())
def test_whatever_calls_are_made_the_answer_is_right(
    data: st.DataObject, ours: dict[str, str | None], others: dict[str, int], filters: bool, forbidden: bool
) -> None:
    server = Server(ours, others)
    server.filters = filters
    server.trouble = dict.fromkeys(STATUSES, errors.Forbidden("no lists")) if forbidden else {}
    server.unlisted = set(data.draw(st.lists(st.sampled_from(sorted(ours)))) if ours else [])
    finder = server.finder()
    for _look in range(4):
        costs = st.floats(0, 5, allow_nan=False)
        server.single, server.call, server.entry = data.draw(costs), data.draw(costs), data.draw(costs) / 1000
        server.look(finder)
        for name in ours:
            ours[name] = data.draw(st.sampled_from([ours[name], *STATUSES]))
    assert [answer for _name, answer in finder.find(["unknown", "neither"])] == [None, None]

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The polling engine on a clock of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import REQUEST_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting import engine
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.progress import progress
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.report import failure, problems

CODES = {name: code for code, name in REQUEST_STATUS.items()}
Story = Callable[[float], dict[str, Any]]


class World:
    """A clock that only sleeping and polling move, and a story that says what each poll finds at which time."""

    def __init__(self, story: Story, poll_takes: float = 0.0) -> None:
        self.now = 100.0
        self.story = story
        self.poll_takes = poll_takes
        self.polls: list[tuple[float, tuple[str, ...]]] = []
        self.sleeps: list[float] = []
        self.moments: list[engine.Moment] = []

    def fetch(self, ids: Sequence[str], time_left: float) -> Iterator[tuple[str, Any]]:
        self.polls.append((self.now - 100, tuple(ids)))
        self.now += self.poll_takes
        found = self.story(self.now - 100)
        for request_id in ids:
            status = found[request_id]
            if isinstance(status, Exception):
                raise status
            yield request_id, status and {"uuid": request_id, "status": status, "status_code": CODES.get(status, 99)}

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.sleeps.append(seconds)
        self.now += seconds

    def wait(self, ids: Sequence[str], states: Sequence[str] = ("Approved", "Completed"), **pace: float) -> Any:
        pace = {"timeout": 60, "interval": 5, "interval_max": 20, **pace}
        return engine.wait(
            self.fetch,
            ids,
            states,
            engine.Pace(**pace),
            watch=self.moments.append,
            clock=Clock(lambda: self.now, self.sleep, lambda low, high: low),
        )


def always(**statuses: Any) -> Story:
    return lambda now: statuses


def test_all_reached_at_once_is_one_poll() -> None:
    world = World(always(a="Approved", b="Completed", c="Executing"))
    outcome = world.wait("abc")
    assert outcome.reached == ["a", "b", "c"]
    assert (outcome.polls, world.sleeps, outcome.elapsed) == (1, [], 0)


def test_nothing_to_wait_for_is_no_poll() -> None:
    assert World(always()).wait([]).polls == 0


@pytest.mark.parametrize(
    ("states", "reaches"),
    [
        (["Pending"], {"Pending", "Approved", "Executing", "Completed"}),
        (["Approved"], {"Approved", "Executing", "Completed"}),
        (["Executing"], {"Executing", "Completed"}),
        (["Completed"], {"Completed"}),
        (["Denied"], {"Denied"}),
        (["Canceled", "Failed"], {"Canceled", "Failed"}),
    ],
)
@pytest.mark.parametrize("status", [*REQUEST_STATUS.values(), None])
def test_each_status_under_each_state(states: list[str], reaches: set[str], status: str | None) -> None:
    def story(now: float) -> dict[str, Any]:
        return {"a": status or "a newer status"}

    outcome = World(story).wait("a", states, timeout=0)
    ended = {"Completed", "Denied", "Canceled", "Failed"}
    expected = "reached" if status in reaches else "rejected" if status in ended else "open"
    groups = {"reached": outcome.reached, "rejected": outcome.rejected, "open": list(outcome.open)}
    assert {name for name, group in groups.items() if group} == {expected}


def test_unknown_status_number_never_ends_a_wait() -> None:
    world = World(lambda now: {"a": "number 99" if now < 30 else "Approved"})
    assert world.wait("a").reached == ["a"]


def test_last_poll_is_at_the_deadline_and_nothing_after_it() -> None:
    world = World(always(a="Pending"))
    outcome = world.wait("a", timeout=17)
    assert world.polls[0][0] == 0
    assert world.polls[-1][0] == pytest.approx(17)
    assert outcome.elapsed == pytest.approx(17)
    assert list(outcome.open) == ["a"]


def test_a_slow_poll_past_the_deadline_is_the_last() -> None:
    world = World(always(a="Pending"), poll_takes=9)
    world.wait("a", timeout=10)
    assert [at for at, ids in world.polls] == [0, 10]


def test_timeout_zero_looks_once() -> None:
    world = World(always(a="Pending"))
    assert world.wait("a", timeout=0).polls == 1
    assert world.sleeps == []


@pytest.mark.parametrize("draw", [lambda low, high: low, lambda low, high: high])
def test_intervals_grow_within_bounds(draw: Callable[[float, float], float]) -> None:
    world = World(always(a="Pending"))
    engine.wait(
        world.fetch, "a", ["Approved"], engine.Pace(400, 5, 20), clock=Clock(lambda: world.now, world.sleep, draw)
    )
    times = [at for at, ids in world.polls]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)][:-1]
    assert gaps[0] == pytest.approx(5)
    assert all(5 <= gap <= 20 + 1e-9 for gap in gaps)
    assert gaps[:4] == sorted(gaps[:4])
    assert gaps[3] > 2 * gaps[0]


def test_a_maximum_below_the_interval_counts_as_the_interval() -> None:
    world = World(always(a="Pending"))
    world.wait("a", timeout=35, interval=10, interval_max=1)
    assert [at for at, ids in world.polls] == [0, 10, 20, 30, 35]


def test_only_open_requests_are_asked_for() -> None:
    world = World(lambda now: {"a": "Approved", "b": "Pending" if now < 5 else "Denied", "c": None})
    outcome = world.wait("abc")
    assert [ids for at, ids in world.polls] == [("a", "b", "c"), ("b",)]
    assert (outcome.reached, outcome.rejected, outcome.missing) == (["a"], ["b"], ["c"])


@pytest.mark.parametrize("error", [errors.ConnectionFailed("away"), errors.ServerUnavailable("busy")])
def test_trouble_is_outlived(error: errors.MimcmError) -> None:
    world = World(lambda now: {"a": error if 3 < now < 20 or now == 0 else "Approved"})
    outcome = world.wait("a")
    assert outcome.reached == ["a"]
    assert outcome.failed_polls == outcome.polls - 1
    assert outcome.trouble is None


def test_trouble_until_the_deadline_is_reported() -> None:
    outcome = World(always(a=errors.ConnectionFailed("away"))).wait("a")
    assert list(outcome.open) == ["a"]
    assert outcome.failed_polls == outcome.polls
    assert str(outcome.trouble) == "away."
    assert outcome.fatal is None


@pytest.mark.parametrize("kind", [errors.ServerError, errors.HostUnknown, errors.InvalidAnswer])
def test_some_trouble_passes_only_after_an_answer(kind: type[errors.MimcmError]) -> None:
    assert World(always(a=kind("odd"))).wait("a").polls == 1
    world = World(lambda now: {"a": "Pending" if now == 0 else kind("odd") if now < 30 else "Completed"})
    assert world.wait("a").reached == ["a"]


@pytest.mark.parametrize("kind", [errors.AuthenticationFailed, errors.Forbidden, errors.NotFound])
def test_fatal_trouble_ends_the_wait_and_loses_nothing(kind: type[errors.MimcmError]) -> None:
    world = World(lambda now: {"a": "Approved", "b": "Pending" if now == 0 else kind("no")})
    outcome = world.wait("ab")
    assert outcome.polls == 2
    assert outcome.reached == ["a"]
    assert isinstance(outcome.fatal, kind)
    assert outcome.requests["b"]["status"] == "Pending"


def test_a_poll_that_breaks_off_keeps_what_it_found() -> None:
    outcome = World(always(a="Approved", b=errors.ConnectionFailed("away"))).wait("ab", timeout=0)
    assert outcome.reached == ["a"]
    assert list(outcome.open) == ["b"]


@pytest.mark.parametrize(("asked", "pause"), [(1, 5), (12, 12), (3600, 20)])
def test_retry_after_is_honoured_within_the_intervals(asked: float, pause: float) -> None:
    busy = errors.ServerUnavailable("busy", retry_after=asked)
    world = World(lambda now: {"a": busy if now == 0 else "Approved"})
    world.wait("a")
    assert world.polls[1][0] == pytest.approx(pause)


def test_a_line_appears_at_every_change_and_once_a_minute() -> None:
    world = World(lambda now: {"a": "Pending" if now < 400 else "Approved", "b": "Pending"})
    lines: list[tuple[float, str]] = []
    watch = progress(lambda line: lines.append((world.now - 100, line)), now=lambda: world.now)
    engine.wait(
        world.fetch, "ab", ["Approved"], engine.Pace(500, 90, 300), watch, Clock(lambda: world.now, world.sleep, max)
    )
    times = [at for at, line in lines]
    assert all(later - earlier <= 60 for earlier, later in itertools.pairwise(times))
    assert 500 - times[-1] <= 60
    change = next(at for at, ids in world.polls if at >= 400)
    assert any(at == change and "a is Approved" in line for at, line in lines)


def test_the_line_tells_of_trouble_and_of_its_end() -> None:
    world = World(lambda now: {"a": errors.ConnectionFailed("It is away") if 0 < now < 20 else "Pending"})
    lines: list[str] = []
    watch = progress(lines.append, now=lambda: world.now)
    engine.wait(
        world.fetch, "a", ["Approved"], engine.Pace(40, 5, 5), watch, Clock(lambda: world.now, world.sleep, max)
    )
    assert sum("It is away. Trying again" in line for line in lines) == 1
    assert sum("the server answers again" in line for line in lines) == 1


def test_the_verdict_names_request_status_and_remedy() -> None:
    world = World(always(a="Denied", b="Pending", c=None, d="Failed", e="Approved"))
    outcome = world.wait("abcde", ["Approved"], timeout=2)
    sentences = problems(outcome, 2)
    assert set(sentences) == set("abcd")
    assert "was Denied and cannot be resumed; ask its approver" in str(sentences["a"])
    assert "was still Pending after 2 s; it waits for an approver" in str(sentences["b"])
    assert "is not known to the server" in str(sentences["c"])
    assert "Failed or was abandoned" in str(sentences["d"])
    text = str(failure(outcome, ["a", "d", "b", "c"], ["Approved"], sentences))
    assert text.startswith("4 of 5 requests did not reach Approved: a is Denied, d is Failed, b is still Pending")
    assert str(failure(outcome, ["a"], ["Approved"], sentences)) == str(sentences["a"])


def test_the_verdict_on_a_request_that_was_never_seen() -> None:
    outcome = World(always(a=errors.ConnectionFailed("It was away"))).wait("a", timeout=2)
    text = str(failure(outcome, ["a"], ["Approved"], problems(outcome, 2)))
    assert "could not be read before the wait ended after 2 s" in text
    assert "and the last poll got no answer: It was away; find out why" in text


def test_ten_thousand_requests_are_sorted_without_delay() -> None:
    ids = [str(number) for number in range(10_000)]
    outcome = World(lambda now: dict.fromkeys(ids, "Approved")).wait(ids)
    assert outcome.reached == ids

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The polling engine on a clock of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import REQUEST_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting import engine
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.waiting.simulation import (
    World,
    always,
)


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


def test_ten_thousand_requests_are_sorted_without_delay() -> None:
    ids = [str(number) for number in range(10_000)]
    outcome = World(lambda now: dict.fromkeys(ids, "Approved")).wait(ids)
    assert outcome.reached == ids

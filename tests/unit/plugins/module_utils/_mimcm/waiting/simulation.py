# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits on a clock of their own, which passes while somebody sleeps, polls or watches."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import REQUEST_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock as Time
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting import engine

CODES = {name: code for code, name in REQUEST_STATUS.items()}

Story = Callable[[float], dict[str, Any]]


def fail_with(error: Exception) -> NoReturn:
    raise error


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
                fail_with(status)
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
            clock=Time(lambda: self.now, self.sleep, lambda low, high: low),
        )


def always(**statuses: Any) -> Story:
    return lambda now: statuses


class Clock:
    """Time passes while somebody sleeps, looks or watches."""

    def __init__(self, poll: float = 0.0, watch: float = 0.0) -> None:
        self.time = 0.0
        self.poll_takes, self.watch_takes = poll, watch
        self.polls: list[float] = []
        self.sleeps: list[tuple[float, float]] = []
        self.statuses: Callable[[float, str], Any] = lambda now, request_id: "Pending"

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.sleeps.append((self.time, seconds))
        self.time += seconds

    def fetch(self, ids: Sequence[str], left: float) -> Iterator[tuple[str, Any]]:
        self.polls.append(self.time)
        self.time += self.poll_takes
        for request_id in ids:
            status = self.statuses(self.time, request_id)
            if isinstance(status, Exception):
                fail_with(status)
            # A number that the collection does not know has no name.
            name = status if status in CODES else None
            yield request_id, status and {"status": name, "status_code": CODES.get(status, 77), "uuid": request_id}

    def watch(self, moment: engine.Moment) -> None:
        self.time += self.watch_takes

    def wait(self, pace: engine.Pace, rng: random.Random, ids: str = "a", watch: Any = None) -> engine.Outcome:
        return engine.wait(
            self.fetch, ids, ["Approved"], pace, watch or self.watch, Time(self.now, self.sleep, rng.uniform)
        )

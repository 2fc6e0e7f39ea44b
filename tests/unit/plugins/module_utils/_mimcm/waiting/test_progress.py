# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signs of life: a line at every change, at least one a minute, and not one at every poll."""

from __future__ import annotations

import itertools
import random

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock as Time
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting import engine
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.progress import progress
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.waiting.simulation import (
    Clock,
    World,
)


def test_a_line_appears_at_every_change_and_once_a_minute() -> None:
    world = World(lambda now: {"a": "Pending" if now < 400 else "Approved", "b": "Pending"})
    lines: list[tuple[float, str]] = []
    watch = progress(lambda line: lines.append((world.now - 100, line)), now=lambda: world.now)
    engine.wait(
        world.fetch, "ab", ["Approved"], engine.Pace(500, 90, 300), watch, Time(lambda: world.now, world.sleep, max)
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
    engine.wait(world.fetch, "a", ["Approved"], engine.Pace(40, 5, 5), watch, Time(lambda: world.now, world.sleep, max))
    assert sum("It is away. Trying again" in line for line in lines) == 1
    assert sum("the server answers again" in line for line in lines) == 1


def lines_of(clock: Clock, pace: engine.Pace, ids: str = "a") -> list[tuple[float, str]]:
    lines: list[tuple[float, str]] = []
    watcher = progress(lambda line: lines.append((clock.time, line)), clock.now)
    clock.wait(pace, random.Random(1), ids=ids, watch=watcher)
    return lines


@pytest.mark.parametrize("interval", [1.0, 20.0, 45.0, 59.0, 61.0, 600.0])
def test_a_line_at_least_once_a_minute_and_not_at_every_look(interval: float) -> None:
    lines = lines_of(Clock(), engine.Pace(1000, interval, interval))
    times = [0.0, *(at for at, line in lines), 1000.0]
    assert all(later - earlier <= 60 for earlier, later in itertools.pairwise(times))
    assert len(lines) <= 1000 / 30 + 2
    assert all("\n" not in line for at, line in lines)


def test_the_first_line_counts_and_later_ones_name() -> None:
    clock = Clock()
    clock.statuses = lambda now, request_id: {"a": "Approved", "b": "Denied", "c": None}.get(
        request_id, "Pending" if now < 10 else "Approved" if request_id == "d" else "Newer"
    )
    lines = lines_of(clock, engine.Pace(20, 5, 5), "abcde")
    assert lines[0][1].startswith(
        "1 reached, 1 rejected, 1 missing, 2 open (2 Pending); a is Approved; b is Denied; c is"
    )
    change = next(line for at, line in lines if "d is Approved" in line)
    assert "2 reached" in change
    assert "1 open (1 status 77)" in change


def test_many_changes_are_one_short_line() -> None:
    clock = Clock()
    clock.statuses = lambda now, request_id: "Approved"
    ids = "".join(map(chr, range(0x4E00, 0x4E00 + 500)))
    lines = lines_of(clock, engine.Pace(20, 5, 5), ids)
    assert len(lines) == 1
    assert "and 495 more changes" in lines[0][1]

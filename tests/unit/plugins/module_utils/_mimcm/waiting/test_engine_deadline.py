# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every wait, whatever its numbers: deadline, pauses, one poll at the end."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting import engine
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.waiting.simulation import (
    Clock,
)


def random_pace(rng: random.Random) -> engine.Pace:
    interval = rng.choice([0.1, 1.0, 5.0, rng.uniform(0.1, 30)])
    return engine.Pace(rng.choice([1.0, 60.0, rng.uniform(0.5, 2000)]), interval, interval * rng.uniform(1, 20))


@pytest.mark.parametrize("seed", range(60))
def test_the_deadline_is_exact(seed: int) -> None:
    rng = random.Random(seed)
    pace, clock = random_pace(rng), Clock()
    outcome = clock.wait(pace, rng)
    assert clock.polls[0] == 0
    assert clock.polls[-1] == pytest.approx(pace.timeout)
    assert sum(abs(at - pace.timeout) < 1e-6 for at in clock.polls) == 1
    assert max(at + length for at, length in clock.sleeps) <= pace.timeout + 1e-6
    assert outcome.polls == len(clock.polls)
    assert outcome.elapsed == pytest.approx(pace.timeout)
    assert list(outcome.open) == ["a"]


def pauses_of(seed: int) -> tuple[engine.Pace, list[float]]:
    rng = random.Random(seed)
    pace, clock = random_pace(rng), Clock()
    clock.wait(pace, rng)
    # The last one is cut to what remains.
    return pace, [later - earlier for earlier, later in itertools.pairwise(clock.polls)][:-1]


@pytest.mark.parametrize("seed", range(60))
def test_pauses_stay_between_the_intervals(seed: int) -> None:
    pace, pauses = pauses_of(seed)
    assert all(pace.interval - 1e-6 <= pause <= pace.interval_max + 1e-6 for pause in pauses)


def test_no_pause_is_shorter_than_the_one_before() -> None:
    for seed in range(60):
        _pace, pauses = pauses_of(seed)
        assert all(later >= earlier - 1e-6 for earlier, later in itertools.pairwise(pauses)), pauses


@pytest.mark.parametrize("watch", [0.4, 3.0])
def test_a_slow_screen_does_not_move_the_deadline(watch: float) -> None:
    clock = Clock(watch=watch)
    clock.wait(engine.Pace(60, 7, 7), random.Random(1))
    assert clock.polls[-1] <= 60 + watch
    assert max(at + length for at, length in clock.sleeps) <= 60 + 1e-6


@pytest.mark.parametrize("poll", [0.5, 4.0, 61.0])
def test_slow_polls_do_not_move_the_deadline(poll: float) -> None:
    clock = Clock(poll=poll)
    clock.wait(engine.Pace(60, 5, 5), random.Random(1))
    assert clock.polls[-1] <= 60 + 1e-6
    assert clock.time <= 60 + poll + 1e-6


@pytest.mark.parametrize("status", ["Pending", "Denied", "Approved", "Newer", None, errors.ConnectionFailed("x")])
def test_a_single_look_is_one(status: Any) -> None:
    clock = Clock()
    clock.statuses = lambda now, request_id: status
    clock.wait(engine.Pace(0, 5, 60), random.Random(1))
    assert (len(clock.polls), clock.sleeps) == (1, [])


@pytest.mark.parametrize("asked", [0.0, 3.0, 8.0, 1e9, float("inf")])
def test_retry_after_stays_between_the_intervals_and_before_the_deadline(asked: float) -> None:
    clock = Clock()
    clock.statuses = lambda now, request_id: errors.ServerUnavailable("busy", retry_after=asked)
    outcome = clock.wait(engine.Pace(60, 5, 20), random.Random(1))
    pauses = [later - earlier for earlier, later in itertools.pairwise(clock.polls)]
    assert pauses[:-1] == pytest.approx([min(max(asked, 5), 20)] * (len(pauses) - 1))
    assert clock.polls[-1] == pytest.approx(60)
    assert outcome.failed_polls == outcome.polls


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.MimcmError)]
PASSES = (
    errors.DirectoryUnreachable,
    errors.InvalidAnswer,
    errors.ServerError,
    errors.Transient,
)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not errors.MissingLibrary])
def test_what_was_learnt_survives_every_error(kind: type[errors.MimcmError]) -> None:
    clock = Clock()

    def story(now: float, request_id: str) -> Any:
        if request_id == "a":
            return "Executing"
        return "Pending" if now == 0 else "Denied" if request_id == "b" else kind("trouble")

    clock.statuses = story
    outcome = clock.wait(engine.Pace(30, 5, 5), random.Random(1), ids="abc")
    assert (outcome.reached, outcome.rejected, list(outcome.open)) == (["a"], ["b"], ["c"])
    assert outcome.requests["c"]["status"] == "Pending"
    assert isinstance(outcome.trouble, kind)
    passes = issubclass(kind, PASSES)
    assert (outcome.fatal is None) == passes
    assert outcome.polls == (7 if passes else 2)


def test_a_fault_of_the_program_is_not_hidden() -> None:
    clock = Clock()
    clock.statuses = lambda now, request_id: ZeroDivisionError("bug")
    with pytest.raises(ZeroDivisionError):
        clock.wait(engine.Pace(30, 5, 5), random.Random(1))

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for every wait, whatever its numbers: deadline, pauses, one poll at the end, signs of life."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import lifecycle
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import REQUEST_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock as Time
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting import engine
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.progress import progress
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.report import failure, problems

CODES = {name: code for code, name in REQUEST_STATUS.items()}


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
                raise status
            # A number that the collection does not know has no name.
            name = status if status in CODES else None
            yield request_id, status and {"status": name, "status_code": CODES.get(status, 77), "uuid": request_id}

    def watch(self, moment: engine.Moment) -> None:
        self.time += self.watch_takes

    def wait(self, pace: engine.Pace, rng: random.Random, ids: str = "a", watch: Any = None) -> engine.Outcome:
        return engine.wait(
            self.fetch, ids, ["Approved"], pace, watch or self.watch, Time(self.now, self.sleep, rng.uniform)
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


def test_the_verdict_names_each_failed_request_up_to_a_limit() -> None:
    clock = Clock()
    clock.statuses = lambda now, request_id: "Denied"
    ids = "".join(map(chr, range(0x4E00, 0x4E00 + 30)))
    outcome = clock.wait(engine.Pace(0, 5, 5), random.Random(1), ids=ids)
    sentences = problems(outcome, 0)
    assert list(sentences) == list(ids)
    text = str(failure(outcome, list(ids), ["Approved"], sentences))
    assert text.startswith("30 of 30 requests did not reach Approved")
    assert all(f"{request_id} is Denied" in text for request_id in ids[:20])
    assert "and 10 more" in text


@pytest.mark.parametrize("status", [*REQUEST_STATUS.values(), "Newer", None])
@pytest.mark.parametrize("states", [[state] for state in lifecycle.REACHED_BY])
@pytest.mark.parametrize("timeout", [0, 1])
def test_every_status_has_a_sentence(status: str | None, states: list[str], timeout: float) -> None:
    clock = Clock()
    clock.statuses = lambda now, request_id: status
    outcome = engine.wait(
        clock.fetch, "a", states, engine.Pace(timeout, 1, 1), clock.watch, Time(clock.now, clock.sleep)
    )
    sentences = problems(outcome, timeout)
    assert set(sentences) == set("a") - set(outcome.reached)
    for sentence in map(str, sentences.values()):
        assert sentence.startswith("Request a ")
        assert sentence.endswith(".")
        assert sentence.count(".") == 1
        assert "None" not in sentence or status == "None"
        assert str(failure(outcome, ["a"], states, sentences)) == sentence

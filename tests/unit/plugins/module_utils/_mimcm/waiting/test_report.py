# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is said of the requests that did not get there."""

from __future__ import annotations

import random

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import lifecycle
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import REQUEST_STATUS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock as Time
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting import engine
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.report import failure, problems
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.waiting.simulation import (
    Clock,
    World,
    always,
)


def test_the_verdict_names_request_status_and_remedy() -> None:
    world = World(always(a="Denied", b="Pending", c=None, d="Failed", e="Approved"))
    outcome = world.wait("abcde", ["Approved"], timeout=2)
    sentences = problems(outcome, 2)
    assert set(sentences) == set("abcd")
    assert "was Denied and cannot be resumed; ask its approver" in str(sentences["a"])
    assert "was still Pending after 2 s; it is waiting for an approver" in str(sentences["b"])
    assert "does not exist on the server" in str(sentences["c"])
    assert "Failed or was abandoned" in str(sentences["d"])
    text = str(failure(outcome, ["a", "d", "b", "c"], ["Approved"], sentences))
    assert text.startswith("4 of 5 requests did not reach Approved: a is Denied, d is Failed, b is still Pending")
    assert str(failure(outcome, ["a"], ["Approved"], sentences)) == str(sentences["a"])


def test_the_verdict_on_a_request_that_was_never_seen() -> None:
    outcome = World(always(a=errors.ConnectionFailed("It was away", remedy="check url"))).wait("a", timeout=2)
    text = str(failure(outcome, ["a"], ["Approved"], problems(outcome, 2)))
    assert text.endswith("; check url.")
    assert "could not be read before the wait ended after 2 s" in text
    assert "and the last poll got no answer: It was away; find out why" in text


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

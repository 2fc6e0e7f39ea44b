# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict on requests, from the options to the result, on the reference server."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.certops.mimcm.plugins.modules import mimcm_enrolments, mimcm_request_gate
from ansible_collections.certops.mimcm.tests.unit.helpers import control
from ansible_collections.certops.mimcm.tests.unit.helpers import run as run_module

ALICE = "aaaaaaaa-0000-4000-8000-000000000001"
CARDS = "bbbbbbbb-0000-4000-8000-000000000001"
PEOPLE = [{"name": "alice", "target": ALICE, "templates": [CARDS]}]
APPROVED, PENDING = (f"11111111-0000-4000-8000-00000000000{number}" for number in (1, 2))
WORLD = {
    "profile_templates": [{"id": CARDS, "name": "Cards"}],
    "requests": [{"id": APPROVED, "status": "Approved"}, {"id": PENDING, "status": "Pending"}],
}


@pytest.fixture
def world(server: Any) -> Any:
    requests.put(f"{server.control}/scenario", json=WORLD, timeout=5).raise_for_status()
    return server


def run(server: Any, module: Any = mimcm_request_gate, **given: Any) -> dict[str, Any]:
    return run_module(module, server, **given)


def test_ids_alone(world: Any) -> None:
    found = run(world, request_ids=[PENDING, APPROVED, PENDING.upper()])
    assert (found["verdict"], found["exit_code"], found["counts"]["total"]) == ("waiting", 75, 2)
    assert {item["request_id"]: item["outcome"] for item in found["requests"]} == {
        PENDING: "waiting",
        APPROVED: "reached",
    }
    assert found["markdown"].startswith("## Still waiting")
    assert found["polled"]["reached"] == [APPROVED]


def test_people_are_found_on_the_server(world: Any) -> None:
    before = run(world, people=PEOPLE, scope="staff")
    assert (before["verdict"], before["requests"][0]["request_id"]) == ("waiting", None)
    applied = run(world, mimcm_enrolments, people=PEOPLE, scope="staff")
    (request_id,) = applied["request_ids"]
    after = run(world, people=PEOPLE, scope="staff")
    assert [(item["name"], item["request_id"]) for item in after["requests"]] == [("alice", request_id)]
    requests.post(f"{world.control}/requests/{request_id}", json={"status": "Denied"}, timeout=5).raise_for_status()
    denied = run(world, people=PEOPLE, scope="staff")
    assert (denied["verdict"], denied["exit_code"]) == ("rejected", 1)
    assert "set generation: 2 for alice" in denied["requests"][0]["problem"]
    # The same by the result of the apply step, which takes the people's place.
    assert run(world, plan=applied, people=[], scope="staff")["requests"] == denied["requests"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "There is nothing to poll; set people and scope, plan_file or request_ids"),
        ({"people": PEOPLE}, "There is nothing to poll"),
        ({"request_ids": []}, "No requests to check, and no people to request for; check the desired-state file"),
        ({"people": [], "scope": "staff"}, "No requests to check"),
        ({"plan": {"requests": []}}, "plan: it is not the result of certops.mimcm.mimcm_enrolments"),
        ({"people": [{"name": "alice"}], "scope": "staff"}, "people: alice: target is missing"),
        ({"people": [], "scope": "a b"}, "scope must be 1 to 16 letters"),
        ({"request_ids": ["nonsense"]}, "request_ids: 'nonsense' is not a GUID"),
        ({"request_ids": [APPROVED], "wait_timeout": -1}, "wait_timeout must be 0 seconds or more"),
    ],
)
def test_what_is_wrong_is_said(world: Any, given: dict[str, Any], says: str) -> None:
    found = run(world, **given)
    assert found["failed"]
    assert says in found["msg"]


def test_an_empty_gate_opens_if_that_is_meant(world: Any) -> None:
    assert run(world, request_ids=[], allow_empty=True)["verdict"] == "reached"


def test_without_an_answer_there_is_no_verdict(world: Any) -> None:
    found = run(world, url="http://127.0.0.1:1", request_ids=[APPROVED])
    assert found["failed"]
    assert "connection refused" in found["msg"]
    assert "verdict" not in found
    assert found["timed_out"] == [APPROVED], "what the poll found out is told all the same"


def test_a_request_that_cannot_be_read_counts_as_rejected_beside_others(world: Any) -> None:
    unreadable = "11111111-0000-4000-8000-000000000403"
    control(world, "faults", {"kind": "status", "status": 403, "match": f"/requests/{unreadable}"})
    found = run(world, request_ids=[APPROVED, unreadable])
    assert (found["verdict"], found["counts"]["unreadable"], found["counts"]["reached"]) == ("rejected", 1, 1)


def test_if_no_request_can_be_read_there_is_no_verdict(world: Any) -> None:
    control(world, "faults", {"kind": "status", "status": 403, "match": "/requests"})
    found = run(world, request_ids=[APPROVED])
    assert found["failed"]
    assert "(403)" in found["msg"]
    assert "verdict" not in found

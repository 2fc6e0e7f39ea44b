# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that create the same request at the same moment: which one stays, and who cancels what."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import REQUEST
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.agree import pause_after
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.create import Created
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock
from ansible_collections.certops.mimcm.plugins.modules import mimcm_enrolments, mimcm_request
from ansible_collections.certops.mimcm.tests.unit import helpers

TEMPLATE = "bbbbbbbb-0000-4000-8000-000000000001"
UNATTENDED = "bbbbbbbb-0000-4000-8000-000000000002"
ALICE = "aaaaaaaa-0000-4000-8000-000000000001"
BRUNO = "aaaaaaaa-0000-4000-8000-000000000002"
CARD = "22222222-0000-4000-8000-000000000001"
SCENARIO = {
    "profile_templates": [
        {"id": TEMPLATE, "name": "Cards"},
        {"id": UNATTENDED, "name": "Unattended", "policies": {"Enroll": {"approvals_needed": 0}}},
    ],
    "smartcards": [{"id": CARD, "card_id": CARD, "user": ALICE, "template": TEMPLATE}],
}
OPEN = {3: "Approved", 16: "Pending", 18: "Executing"}
CANCELED = 17


@pytest.fixture
def world(server: Any) -> Any:
    server.call("scenario", SCENARIO, "PUT")
    return server


def enrol(server: Any, **given: Any) -> dict[str, Any]:
    mine = {"type": "Enroll", "profile_template": TEMPLATE, "target": ALICE, "retries": 2, "reconcile_timeout": 0.5}
    return helpers.run(mimcm_request, server, **{**mine, **given})


def known(server: Any) -> dict[str, dict[str, Any]]:
    """The requests for Alice by their ids."""
    return {item["Uuid"]: item for item in server.call("world")["requests"] if item["TargetUserUuid"] == ALICE}


def still_open(server: Any) -> list[str]:
    return [request_id for request_id, item in known(server).items() if item["Status"] in OPEN]


def held(server: Any, calls: int) -> None:
    server.until("held", lambda answer: answer["held"] == calls)


def hold(server: Any, method: str, **given: Any) -> None:
    server.call("faults", {"kind": "hold", "method": method, "match": "^/requests$", "times": 1, **given}, "POST")


def post(server: Any, **given: Any) -> str:
    """Create what another run creates, without looking."""
    body = {"type": "Enroll", "profiletemplateuuid": TEMPLATE, "target": ALICE, "comment": "", "datacollection": "[]"}
    url = f"{server.origin}/CertificateManagement/api/v1.0/requests"
    answer = requests.post(url, json={**body, **given}, timeout=30)
    answer.raise_for_status()
    return str(answer.json()).rpartition("/")[2]


def overtaken(
    server: Any, run: Callable[[], dict[str, Any]], before: Callable[[], Any], after: Callable[[], Any] | None = None
) -> dict[str, Any]:
    """Run a task; something happens before its creation arrives, and something before it looks again."""
    hold(server, "POST")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(run)
        held(server, 1)
        before()
        if after:
            hold(server, "GET")
        server.call("release", {}, "POST")
        if after:
            held(server, 1)
            after()
            server.call("release", {}, "POST")
        return running.result(60)


@pytest.mark.parametrize("given", [{"idempotency_key": "HR-1"}, {}, {"profile_template": UNATTENDED}])
def test_forty_at_once_make_one_request(world: Any, given: dict[str, Any]) -> None:
    """All of them have looked, found nothing, and sent their creations before the first one arrives."""
    hold(world, "POST", times=40)
    with ThreadPoolExecutor(40) as pool:
        running = [pool.submit(enrol, world, **given) for _turn in range(40)]
        held(world, 40)
        world.call("release", {}, "POST")
        results = [future.result(300) for future in running]
    assert not [result for result in results if result.get("failed") or result["warnings"]]
    (first,) = still_open(world)
    assert {result["request_id"] for result in results} == {first}
    assert {result["request"]["uuid"] for result in results} == {first}
    assert [result["changed"] for result in results].count(True) == 1
    assert [item["Status"] for item in known(world).values()].count(CANCELED) == 39
    assert first == min(known(world).values(), key=lambda item: (seconds(item), item["Uuid"]))["Uuid"]


def seconds(item: dict[str, Any]) -> float:
    minutes, fraction = item["Submitted"].rstrip("Z").split(":")[1:]
    return int(minutes) * 60 + float(fraction)


@pytest.mark.parametrize(
    ("given", "rival"),
    [
        ({"idempotency_key": "HR-1"}, {"comment": "From elsewhere [mimcm:HR-1]"}),
        ({}, {"comment": "By hand"}),
        ({}, {"comment": "[mimcm:HR-2]"}),
        (
            {"type": "Unblock", "smartcard_id": CARD, "profile_template": None, "target": None},
            {"type": "Unblock", "smartcard": CARD, "target": None, "profiletemplateuuid": None},
        ),
    ],
)
def test_the_second_one_is_withdrawn(world: Any, given: dict[str, Any], rival: dict[str, Any]) -> None:
    made: list[str] = []
    result = overtaken(world, lambda: enrol(world, **given), lambda: made.append(post(world, **rival)))
    assert (result["changed"], result["request_id"], result["warnings"]) == (False, made[0], [])
    assert "diff" not in result
    assert still_open(world) == made


def test_the_first_one_stays_and_leaves_the_others_to_their_runs(world: Any) -> None:
    made: list[str] = []
    result = overtaken(world, lambda: enrol(world), lambda: None, lambda: made.append(post(world)))
    assert result["changed"]
    assert (result["request_id"] in made, result["warnings"]) == (False, [])
    assert len(still_open(world)) == 2


@pytest.mark.parametrize("comment", ["[mimcm:HR-2]", "HR-1"])
def test_another_key_is_another_request(world: Any, comment: str) -> None:
    result = overtaken(world, lambda: enrol(world, idempotency_key="HR-1"), lambda: post(world, comment=comment))
    assert (result["changed"], result["warnings"]) == (True, [])
    assert len(still_open(world)) == 2


@pytest.mark.parametrize("status", [403, 500, 503])
def test_nothing_is_withdrawn_if_the_list_cannot_be_read(world: Any, status: int) -> None:
    fault = {"kind": "status", "status": status, "method": "GET", "match": "^/requests$"}

    def before() -> None:
        post(world)
        world.call("faults", fault, "POST")

    result = overtaken(world, lambda: enrol(world, retries=0), before)
    assert result["changed"], result
    (warning,) = result["warnings"]
    assert warning.startswith("It is not known whether another run created the same request at the same moment")
    assert result["request_id"] in still_open(world)
    assert len(still_open(world)) == 2


def named(result: dict[str, Any], first: str, server: Any, why: str) -> None:
    """The task continues with the first request, and names the second one, which stays."""
    (second,) = set(still_open(server)) - {first}
    (warning,) = result["warnings"]
    assert warning.startswith(f"Request {second} is a second one for the same; {first} was submitted first")
    assert why in warning
    assert (result["changed"], result["request_id"]) == (True, first)


def test_what_may_not_be_canceled_is_named(world: Any) -> None:
    world.call("faults", {"kind": "status", "status": 403, "method": "PUT"}, "POST")
    made: list[str] = []
    result = overtaken(world, lambda: enrol(world), lambda: made.append(post(world)))
    named(result, made[0], world, "The server does not permit")


def test_what_somebody_approved_meanwhile_is_named(world: Any) -> None:
    made: list[str] = []

    def approve() -> None:
        (second,) = set(still_open(world)) - set(made)
        world.call(f"requests/{second}", {"status": "Approved"}, "POST")

    result = overtaken(world, lambda: enrol(world), lambda: made.append(post(world)), approve)
    named(result, made[0], world, "it is Approved already")
    assert not [entry for entry in world.call("log") if entry["method"] == "PUT"]


def test_what_was_denied_meanwhile_is_told_as_it_is(world: Any) -> None:
    made: list[str] = []

    def deny() -> None:
        (second,) = set(still_open(world)) - set(made)
        world.call(f"requests/{second}", {"status": "Denied"}, "POST")

    result = overtaken(world, lambda: enrol(world), lambda: made.append(post(world)), deny)
    assert (result["request"]["status"], result["request_id"] in made) == ("Denied", False)
    assert still_open(world) == made


def test_what_may_be_somebody_elses_is_not_canceled(world: Any) -> None:
    """The connection breaks during the creation, so it is not known which of two requests is ours."""
    hold(world, "POST")
    world.call("faults", {"kind": "reset", "method": "POST", "processed": True, "times": 1}, "POST")
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(enrol, world)
        held(world, 1)
        first = post(world)
        world.call("release", {}, "POST")
        result = running.result(60)
    (other,) = set(still_open(world)) - {first}
    (warning,) = result["warnings"]
    assert result["request_id"] == first
    assert warning.endswith(f"cancel those that stay open: {other}.")


def test_a_creation_takes_one_look_more(world: Any) -> None:
    enrol(world)
    log = [(entry["method"], entry["query"].get("status")) for entry in world.call("log")]
    looks = [(method, status) for method, status in log if status]
    assert looks == [("GET", status) for status in ("Pending", "Approved", "Executing")] * 2
    world.call("reset-calls", None, "POST")
    assert not enrol(world)["changed"]
    assert world.call("calls")["total"] == 3


@pytest.mark.parametrize(
    ("submitted", "pause"),
    [
        ("2026-03-01T08:00:00Z", 1.0),
        ("2026-03-01T08:00:00.5Z", 0.1),
        ("2026-03-01T08:00:00.123Z", 0.001),
        ("2026-03-01T08:00:00.1234567Z", 1e-7),
        (None, None),
    ],
)
def test_the_look_is_after_everything_with_the_same_time(submitted: str | None, pause: float | None) -> None:
    slept: list[float] = []
    request = REQUEST.empty()
    request["submitted"] = submitted
    pause_after([Created(request, ours=True)], Clock(sleep=slept.append))
    assert slept == ([] if pause is None else [pytest.approx(pause)])
    pause_after([], Clock(sleep=slept.append))


def test_of_the_same_time_the_lowest_id_stays(world: Any) -> None:
    """The clock stands still, so all requests have the same time; each run looks when all are there."""
    world.call("clock", {"stopped": True}, "POST")
    hold(world, "POST", times=8)
    hold(world, "GET", skip=24, times=8)
    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(enrol, world, check_policy=False) for _turn in range(8)]
        held(world, 8)
        world.call("release", {}, "POST")
        held(world, 8)
        world.call("release", {}, "POST")
        results = [future.result(60) for future in running]
    assert len({item["Submitted"] for item in known(world).values()}) == 1
    (first,) = still_open(world)
    assert first == min(known(world))
    assert {result["request_id"] for result in results} == {first}


# ---------------------------------------------------------------------------------------------------------------------
# mimcm_enrolments


def apply(server: Any, *names: str, **given: Any) -> dict[str, Any]:
    targets = {"alice": ALICE, "bruno": BRUNO}
    people = [{"name": name, "target": targets[name], "templates": [TEMPLATE]} for name in names]
    mine = {"scope": "staff", "people": people, "retries": 2, "reconcile_timeout": 0.5}
    return helpers.run(mimcm_enrolments, server, **{**mine, **given})


def test_two_applies_at_once_make_one_request_for_each_person(world: Any) -> None:
    other: list[dict[str, Any]] = []
    result = overtaken(
        world, lambda: apply(world, "alice", "bruno"), lambda: other.append(apply(world, "alice", "bruno"))
    )
    assert (other[0]["changed"], result["changed"]) == (True, False)
    assert result["request_ids"] == other[0]["request_ids"]
    assert [(item["action"], item["outcome"], item["status"]) for item in result["enrolments"]] == [
        ("none", "open", "Pending")
    ] * 2
    assert result["summary"]["create"] == 0
    assert ("diff" in result, result["warnings"]) == (False, [])
    statuses = [item["Status"] for item in world.call("world")["requests"] if "[mimcm:staff/" in item["Comment"]]
    assert sorted(statuses) == [16, 16, CANCELED, CANCELED]
    assert not apply(world, "alice", "bruno")["warnings"]


def test_an_apply_that_lost_one_of_two_has_changed_something(world: Any) -> None:
    result = overtaken(world, lambda: apply(world, "alice", "bruno"), lambda: apply(world, "alice"))
    assert [item["action"] for item in result["enrolments"]] == ["none", "create"]
    assert (result["changed"], result["summary"]["create"]) == (True, 1)
    assert result["diff"]["after"] == f"create: bruno ({TEMPLATE})\n"


def test_two_revocations_at_once_make_one(world: Any) -> None:
    request = {"id": "11111111-0000-4000-8000-000000000001", "status": "Completed", "target": ALICE, "smartcard": CARD}
    comment = f"[mimcm:staff/{ALICE}/{TEMPLATE[:8]}]"
    own = {**request, "profile_template": TEMPLATE, "comment": comment}
    world.call("scenario", {**SCENARIO, "requests": [own]}, "PUT")
    other: list[dict[str, Any]] = []

    def remove() -> dict[str, Any]:
        return apply(world, removed="revoke", allow_empty=True, check_policy=False)

    result = overtaken(world, remove, lambda: other.append(remove()))
    (revocation,) = still_open(world)
    assert [found["removed"][0]["revocation_id"] for found in (other[0], result)] == [revocation] * 2
    assert (other[0]["changed"], result["changed"], result["removed"][0]["action"]) == (True, False, "none")


@pytest.mark.parametrize("status", [403, 500])
def test_an_apply_withdraws_nothing_if_the_list_cannot_be_read(world: Any, status: int) -> None:
    def before() -> None:
        apply(world, "alice")
        world.call("faults", {"kind": "status", "status": status, "method": "GET", "match": "^/requests$"}, "POST")

    result = overtaken(world, lambda: apply(world, "alice"), before)
    assert result["changed"], result
    assert len(still_open(world)) == 2
    assert "It is not known whether another run created" in result["warnings"][0]


def test_a_dozen_applies_at_once(world: Any) -> None:
    hold(world, "POST", times=12)
    results: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: results.append(apply(world, "alice"))) for _turn in range(12)]
    for thread in threads:
        thread.start()
    held(world, 12)
    world.call("release", {}, "POST")
    for thread in threads:
        thread.join(300)
    (first,) = still_open(world)
    assert [result["request_ids"] for result in results] == [[first]] * 12
    assert [result["changed"] for result in results].count(True) == 1

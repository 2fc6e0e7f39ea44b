# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_request against the reference server: one request, whatever happens."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from ansible_collections.certops.mimcm.plugins.modules import mimcm_request
from ansible_collections.certops.mimcm.tests.unit import helpers
from ansible_collections.certops.mimcm.tests.unit.helpers import control

TEMPLATE = "a039b4d0-5ce8-4eff-8651-181c6576fda3"
OTHER_TEMPLATE = "12bd5120-86a2-4ee1-8d05-131066871578"
ALICE = "aaaaaaaa-0000-4000-8000-000000000001"
BRUNO = "aaaaaaaa-0000-4000-8000-000000000002"
CARD = "22222222-0000-4000-8000-000000000001"
CARD_ID = "33333333-0000-4000-8000-000000000001"
SCENARIO = {"smartcards": [{"id": CARD, "card_id": CARD_ID, "atr": "3b8d"}]}


ENROL = {"type": "Enroll", "profile_template": TEMPLATE}


@pytest.fixture
def world(server: Any) -> Any:
    control(server, "scenario", SCENARIO, "PUT")
    return server


def run(server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return helpers.run(mimcm_request, server, check_mode, **{"retries": 2, "reconcile_timeout": 0.5, **given})


def enrol(server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return run(server, check_mode, type="Enroll", profile_template=TEMPLATE, **{"target": ALICE, **given})


def methods(server: Any) -> list[str]:
    return [entry["method"] for entry in control(server, "log", method="GET")]


def known(server: Any) -> list[dict[str, Any]]:
    """Every request for Alice that the server has."""
    answer = requests.get(f"{server.origin}/CertificateManagement/api/v1.0/requests", timeout=5)
    return [item for item in answer.json() or [] if item["TargetUserUuid"] == ALICE] if answer.content else []


def end(server: Any, request_id: str, status: str) -> None:
    control(server, f"requests/{request_id}", {"status": status})


def test_the_second_run_finds_the_first_ones(world: Any) -> None:
    first, second = enrol(world, comment="New employee"), enrol(world, comment="Another comment")
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["request_id"] == second["request_id"] == second["request"]["uuid"]
    assert first["request"]["status"] == "Pending"
    assert first["request"]["comment"] == "New employee"
    assert first["diff"]["after"]["type"] == "Enroll"
    assert methods(world).count("POST") == 1


@pytest.mark.parametrize("status", ["Pending", "Approved", "Executing"])
def test_any_open_status_counts(world: Any, status: str) -> None:
    first = enrol(world)
    for step in ("Pending", "Approved", "Executing"):
        if first["request"]["status"] == status or step == "Pending":
            continue
        end(world, first["request_id"], step)
        if step == status:
            break
    assert enrol(world)["request_id"] == first["request_id"]


@pytest.mark.parametrize("status", ["Denied", "Canceled"])
def test_what_has_ended_does_not_count(world: Any, status: str) -> None:
    first = enrol(world, idempotency_key="k")
    end(world, first["request_id"], status)
    assert enrol(world, idempotency_key="k")["changed"]


@pytest.mark.parametrize(
    "other", [{"target": BRUNO}, {"profile_template": OTHER_TEMPLATE}, {"type": "TemporaryCards"}, {"target": None}]
)
def test_another_wish_is_another_request(world: Any, other: dict[str, Any]) -> None:
    first = enrol(world)
    given = {**ENROL, "target": ALICE, **other}
    assert run(world, **given)["request_id"] != first["request_id"]


def test_a_server_that_does_not_filter(scripted: Any, reply: Any) -> None:
    """What has ended is not taken for an open request because a server lists it all the same."""
    ended = {"Uuid": ALICE, "RequestType": 1, "ProfileTemplateUuid": TEMPLATE, "TargetUserUuid": ALICE, "Status": 4}
    scripted.script = lambda call: reply(
        f"api/v1.0/requests/{BRUNO}"
        if call.method == "POST"
        else {**ended, "Uuid": BRUNO}
        if BRUNO in call.path
        else ended
    )
    assert run(scripted, **ENROL, target=ALICE)["request_id"] == BRUNO


def test_for_the_account_itself_the_server_filters(world: Any) -> None:
    first = enrol(world, target=None)
    assert enrol(world, target=None)["request_id"] == first["request_id"]
    log = control(world, "log", method="GET")
    assert {entry["query"]["targetuser"] for entry in log if "status" in entry["query"]} == {"current"}


def test_a_request_about_a_card(world: Any) -> None:
    first = run(world, type="Unblock", smartcard_id=CARD.upper())
    second = run(world, type="Unblock", smartcard_id=f"{{{CARD}}}")
    assert (first["changed"], second["changed"]) == (True, False)
    assert run(world, type="Retire", smartcard_id=CARD)["changed"]


def test_a_key_matches_after_completion(world: Any) -> None:
    first = enrol(world, idempotency_key="HR-4711", comment="New employee")
    assert first["request"]["comment"] == "New employee [mimcm:HR-4711]"
    end(world, first["request_id"], "Approved")
    end(world, first["request_id"], "Executing")
    end(world, first["request_id"], "Completed")
    assert enrol(world, idempotency_key="HR-4711")["request_id"] == first["request_id"]
    assert enrol(world, idempotency_key="HR-4712")["changed"]


def test_keys_tell_requests_apart_and_an_unkeyed_one_is_taken(world: Any) -> None:
    one, two = enrol(world, idempotency_key="one"), enrol(world, idempotency_key="two")
    assert one["request_id"] != two["request_id"]
    assert enrol(world, idempotency_key="two")["request_id"] == two["request_id"]
    plain = enrol(world, target=BRUNO)
    assert enrol(world, target=BRUNO, idempotency_key="three")["request_id"] == plain["request_id"]


def test_two_requests_are_warned_of_and_the_first_is_taken(world: Any) -> None:
    one, two = enrol(world, idempotency_key="one"), enrol(world, idempotency_key="two")
    found = enrol(world)
    first, second = sorted(known(world), key=order)
    assert {first["Uuid"], second["Uuid"]} == {one["request_id"], two["request_id"]}
    assert found["request_id"] == first["Uuid"]
    assert any(second["Uuid"] in warning for warning in found["warnings"])


def test_check_mode_reads_only(world: Any) -> None:
    result = enrol(world, True, data_collection={"City": "Seattle"}, priority=4)
    assert result["changed"]
    assert result["request"]["uuid"] is result["request"]["status"] is result["request_id"] is None
    assert result["request"]["request_type"] == "Enroll"
    assert result["request"]["data_collection"] == [{"name": "City", "value": "Seattle"}]
    assert result["diff"]["after"]["priority"] == 4
    assert set(methods(world)) == {"GET"}
    assert known(world) == []


@pytest.mark.parametrize(
    ("form", "given", "sent"),
    [
        ("list", {}, "[]"),
        ("string", {}, "[]"),
        ("list", {"name": "pavle", "city": "seattle"}, [{"name": "pavle"}, {"city": "seattle"}]),
        ("string", {"name": "pavle"}, '[{"name": "pavle"}]'),
    ],
)
def test_both_forms_of_the_data_collection(scripted: Any, reply: Any, form: str, given: Any, sent: Any) -> None:
    created = {"Uuid": ALICE, "RequestType": 1}
    scripted.script = lambda call: reply(
        f"api/v1.0/requests/{ALICE}" if call.method == "POST" else created if ALICE in call.path else b""
    )
    run(scripted, type="Enroll", profile_template=TEMPLATE, data_collection=given, data_collection_format=form)
    (post,) = [call for call in scripted.calls if call.method == "POST"]
    assert post.body == {"profiletemplateuuid": TEMPLATE, "datacollection": sent, "type": "Enroll", "comment": ""}


@pytest.mark.parametrize(
    ("fault", "posts"),
    [
        # Created, and then the connection breaks: before the answer, or in the middle of it.
        ({"kind": "reset", "processed": True}, 1),
        ({"kind": "truncate"}, 1),
        # Broken before anything was created.
        ({"kind": "reset", "processed": False}, 2),
    ],
)
def test_a_broken_connection_leaves_one_request(world: Any, fault: dict[str, Any], posts: int) -> None:
    control(world, "faults", {**fault, "method": "POST", "match": "/requests$", "times": 1})
    result = enrol(world)
    assert result["changed"], result
    assert [item["Uuid"] for item in known(world)] == [result["request_id"]]
    assert methods(world).count("POST") == posts


def test_an_answer_of_somebody_else_is_not_followed_by_another_creation(world: Any) -> None:
    control(world, "faults", {"kind": "html", "method": "POST", "times": 1})
    assert enrol(world)["failed"]
    assert (known(world), methods(world).count("POST")) == ([], 1)


def test_a_time_out_leaves_one_request(world: Any) -> None:
    """The server carries the creation out only after it has been looked for in vain."""
    control(world, "faults", {"kind": "hold", "method": "POST", "times": 1})

    def looked_for(log: list[dict[str, Any]]) -> bool:
        kinds = [entry["method"] for entry in log if entry["status"] or entry["method"] == "POST"]
        return "GET" in kinds[kinds.index("POST") :] if "POST" in kinds else False

    def carry_out() -> None:
        world.until("log", looked_for)
        control(world, "release")

    with ThreadPoolExecutor(1) as pool:
        carried_out = pool.submit(carry_out)
        result = enrol(world, timeout=1, reconcile_timeout=60)
        carried_out.result(60)
    assert result["changed"], result
    assert [item["Uuid"] for item in known(world)] == [result["request_id"]]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(world: Any, status: int) -> None:
    control(world, "faults", {"kind": "status", "status": status, "method": "POST", "times": 1, "retry_after": "1"})
    assert enrol(world)["changed"]
    assert len(known(world)) == 1


def test_a_server_that_stays_away_is_not_sent_to_again(world: Any) -> None:
    control(world, "faults", {"kind": "reset", "method": "POST", "processed": True})
    control(world, "faults", {"kind": "reset", "method": "GET", "skip": 3})
    result = enrol(world, retries=0, check_policy=False)
    assert result["failed"]
    assert "not known whether the creation of the request was carried out" in result["msg"]
    control(world, "faults", method="DELETE")
    assert len(known(world)) == 1
    assert not enrol(world)["changed"]


def test_what_was_created_and_cannot_be_read_is_told(world: Any) -> None:
    control(world, "faults", {"kind": "status", "status": 500, "method": "GET", "match": "/requests/[0-9a-f]"})
    result = enrol(world)
    assert result["failed"]
    assert result["changed"]
    assert result["request_id"] in result["msg"]


def order(item: dict[str, Any]) -> tuple[float, str]:
    return float(item["Submitted"].rpartition(":")[2].rstrip("Z")), item["Uuid"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        # The server leaves out zeros at the end of a second's fraction.
        ("2026-03-01T08:00:00.1Z", "2026-03-01T08:00:00.12Z"),
        ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00.001Z"),
        ("2026-03-01T08:00:00.1234567Z", "2026-03-01T08:00:00.1234568Z"),
        ("2026-03-01T08:59:00+01:00", "2026-03-01T08:00:00Z"),
        # The same time: the lower id.
        ("2026-03-01T08:00:00.12Z", "2026-03-01T08:00:00.12Z"),
    ],
)
def test_submitted_first_is_told_by_the_time_and_not_by_its_spelling(
    scripted: Any, reply: Any, first: str, second: str
) -> None:
    common = {"RequestType": 1, "Status": 16, "ProfileTemplateUuid": TEMPLATE, "TargetUserUuid": ALICE}
    twins = [{**common, "Uuid": BRUNO, "Submitted": second}, {**common, "Uuid": ALICE, "Submitted": first}]
    scripted.script = lambda call: reply(twins)
    assert run(scripted, **ENROL, target=ALICE)["request_id"] == ALICE


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "state present needs type"),
        ({"type": "Enroll"}, "Enroll needs a subject; set profile_template"),
        ({"type": "Unblock"}, "Unblock needs a subject; set smartcard_id"),
        ({"type": "Renew"}, "Renew needs a subject; set smartcard_id or profile_id"),
        ({"type": "Renew", "smartcard_id": CARD, "profile_id": CARD}, "leave smartcard_id or profile_id out"),
        ({**ENROL, "smartcard_id": CARD}, "leave smartcard_id and profile_id out"),
        ({**ENROL, "target": "alice"}, "target: 'alice' is not a GUID"),
        ({**ENROL, "priority": 256}, "priority must be from 0"),
        ({**ENROL, "comment": "x" * 257}, "has 257 characters"),
        ({**ENROL, "comment": "[mimcm:x]"}, "set idempotency_key instead"),
        ({**ENROL, "idempotency_key": "a b"}, "idempotency_key must be"),
        ({**ENROL, "request_id": CARD}, "request_id is only used to end a request"),
        ({**ENROL, "reconcile_timeout": float("nan")}, "reconcile_timeout"),
        ({"state": "completed"}, "state completed needs request_id"),
        ({"state": "completed", "request_id": "x"}, "request_id: 'x' is not a GUID"),
    ],
)
def test_wrong_options(world: Any, given: dict[str, Any], says: str) -> None:
    result = run(world, **given)
    assert result["failed"]
    assert says in result["msg"]
    assert "POST" not in methods(world)


def test_a_template_by_name(world: Any) -> None:
    by_name = run(world, type="Enroll", profile_template="FIM CM Sample Profile Template", target=ALICE)
    by_id = run(world, type="Enroll", profile_template=OTHER_TEMPLATE, target=ALICE)
    assert by_name["request_id"] == by_id["request_id"]
    wrong = run(world, type="Enroll", profile_template="FIM CM", target=ALICE)
    assert "can read no profile template 'FIM CM'; it can read 'FIM CM Sample" in wrong["msg"]


ENDS = [
    ("completed", "Executing", "Completed"),
    ("canceled", "Pending", "Canceled"),
    ("canceled", "Approved", "Canceled"),
    ("abandoned", "Approved", "Failed"),
    ("abandoned", "Executing", "Failed"),
]


def at(server: Any, status: str) -> str:
    request_id = enrol(server)["request_id"]
    for step in ("Approved", "Executing"):
        if status in ("Approved", "Executing"):
            end(server, request_id, step)
        if step == status:
            break
    control(server, "reset-calls")
    return str(request_id)


@pytest.mark.parametrize(("state", "status", "ends"), ENDS)
def test_ending(world: Any, state: str, status: str, ends: str) -> None:
    request_id = at(world, status)
    predicted = run(world, True, state=state, request_id=request_id)
    assert methods(world) == ["GET"]
    first, second = (run(world, state=state, request_id=request_id) for _turn in range(2))
    assert [result["changed"] for result in (predicted, first, second)] == [True, True, False]
    for result in (predicted, first, second):
        assert result["request"]["status"] == ends
    assert predicted["diff"] == first["diff"] == {"before": {"status": status}, "after": {"status": ends}}
    assert methods(world).count("PUT") == 1


@pytest.mark.parametrize("processed", [True, False])
def test_ending_over_a_broken_connection(world: Any, processed: bool) -> None:
    request_id = at(world, "Executing")
    control(world, "faults", {"kind": "reset", "method": "PUT", "times": 1, "processed": processed})
    result = run(world, state="completed", request_id=request_id)
    assert (result["changed"], result["request"]["status"]) == (True, "Completed")
    assert methods(world).count("PUT") == (1 if processed else 2)


@pytest.mark.parametrize(
    ("state", "status", "says"),
    [
        (
            "completed",
            "Pending",
            "that is Approved or Executing can be, and wait with mimcm_request_wait until it is Approved",
        ),
        ("abandoned", "Pending", "that is Approved or Executing can be"),
    ],
)
def test_what_cannot_get_there(world: Any, state: str, status: str, says: str) -> None:
    result = run(world, state=state, request_id=at(world, status))
    assert result["failed"]
    assert says in result["msg"]
    assert "PUT" not in methods(world)


def test_what_has_ended_cannot_be_ended_otherwise(world: Any) -> None:
    request_id = at(world, "Executing")
    run(world, state="completed", request_id=request_id)
    result = run(world, state="canceled", request_id=request_id)
    assert (
        "is Completed and cannot be canceled; only a request that is Pending, Approved or Executing can be"
        in result["msg"]
    )


def test_an_unknown_request(world: Any) -> None:
    result = run(world, state="completed", request_id=ALICE)
    assert "does not exist on the server, or the account may not read it" in result["msg"]

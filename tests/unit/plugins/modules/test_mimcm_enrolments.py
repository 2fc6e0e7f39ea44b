# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_enrolments against the reference server: what a file describes, once, whatever happened in between."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.certops.mimcm.plugins.modules import mimcm_enrolments, mimcm_request
from ansible_collections.certops.mimcm.tests.unit import helpers

# They begin alike, so that the short part of a key does not tell them apart.
CARDS = "bbbbbbbb-0000-4000-8000-000000000001"
SOFT = "bbbbbbbb-0000-4000-8000-000000000002"
CLOSED = "bbbbbbbb-0000-4000-8000-000000000003"
NEEDY = "bbbbbbbb-0000-4000-8000-000000000004"
ALICE = "aaaaaaaa-0000-4000-8000-000000000001"
BRUNO = "aaaaaaaa-0000-4000-8000-000000000002"
CHIARA = "aaaaaaaa-0000-4000-8000-000000000003"
SCENARIO = {
    "profile_templates": [
        {"id": CARDS, "name": "Cards, for the staff"},
        {"id": SOFT, "name": "Soft", "smartcard": False, "server_generated": True},
        {"id": CLOSED, "name": "Closed", "policies": {"Enroll": {"enabled": False}}},
        {"id": NEEDY, "name": "Needy", "policies": {"Enroll": {"data_collection": [{"name": "Department"}]}}},
        {"id": "bbbbbbbb-0000-4000-8000-000000000005", "name": "Twice"},
        {"id": "bbbbbbbb-0000-4000-8000-000000000006", "name": "Twice"},
    ]
}
Result = dict[str, Any]


def person(name: str, target: str, *templates: str, **given: Any) -> dict[str, Any]:
    return {"name": name, "target": target, "templates": list(templates) or [CARDS], **given}


@pytest.fixture
def world(server: Any) -> Any:
    server.call("scenario", SCENARIO, "PUT")
    return server


def run(server: Any, people: list[dict[str, Any]], check_mode: bool = False, **given: Any) -> Result:
    mine = {"retries": 2, "reconcile_timeout": 0.5, "scope": "staff", "people": people}
    return helpers.run(mimcm_enrolments, server, check_mode, **{**mine, **given})


def by_hand(server: Any, **given: Any) -> str:
    """A request that nobody's file asked for."""
    mine = {"type": "Enroll", "profile_template": CARDS}
    return str(helpers.run(mimcm_request, server, **{**mine, **given})["request_id"])


def known(server: Any, target: str) -> list[dict[str, Any]]:
    answer = requests.get(f"{server.origin}/CertificateManagement/api/v1.0/requests", timeout=5)
    return [item for item in answer.json() or [] if item["TargetUserUuid"] == target] if answer.content else []


def move(server: Any, request_id: str, *statuses: str) -> None:
    for status in statuses:
        server.call(f"requests/{request_id}", {"status": status}, "POST")


def complete(server: Any, request_id: str) -> None:
    """Through the API, so that the request gets its profile."""
    move(server, request_id, "Approved")
    api = f"{server.origin}/CertificateManagement/api/v1.0"
    template = next(i for i in server.call("world")["requests"] if i["Uuid"] == request_id)["ProfileTemplateUuid"]
    if template == CARDS:
        card_id = request_id[:-1] + ("0" if request_id[-1] != "0" else "1")
        body = {"requestid": request_id, "cardid": card_id, "atr": "3b8d"}
        requests.post(f"{api}/smartcards", json=body, timeout=5).raise_for_status()
    else:
        body = {"pfxpassword": "made-up", "certificaterequests": [], "comments": ""}
        requests.post(f"{api}/requests/{request_id}/certificatedata", json=body, timeout=30).raise_for_status()
    requests.put(f"{api}/requests/{request_id}", json={"status": "Completed"}, timeout=5).raise_for_status()


def calls(server: Any, name: str) -> int:
    return int(server.call("calls")["by_operation"].get(name, 0))


def one(result: Result) -> Result:
    assert not result.get("failed"), result["msg"]
    (found,) = result["enrolments"]
    return dict(found)


def test_the_same_file_twice(world: Any) -> None:
    people = [
        person("alice", ALICE, CARDS, SOFT),
        person("bruno", BRUNO, "Cards, for the staff", comment="Second floor"),
    ]
    first, second = run(world, people), run(world, people)
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["request_ids"] == second["request_ids"]
    assert [item["action"] for item in first["enrolments"]] == ["create"] * 3
    assert [(i["action"], i["outcome"], i["status"]) for i in second["enrolments"]] == [("none", "open", "Pending")] * 3
    assert known(world, BRUNO)[0]["Comment"] == f"Second floor [mimcm:staff/{BRUNO}/bbbbbbbb]"
    assert first["summary"]["create"] == 3
    assert second["summary"] | {"people": 2, "enrolments": 3, "create": 0, "open": 3} == second["summary"]
    assert first["diff"]["after"].splitlines()[0] == f"create: alice ({CARDS})"
    assert "diff" not in second


def test_check_mode_only_reads_and_predicts(world: Any) -> None:
    people = [person("alice", ALICE)]
    predicted = run(world, people, True)
    assert {entry["method"] for entry in world.call("log")} == {"GET"}
    assert predicted["changed"]
    assert (predicted["request_ids"], one(predicted)["request_id"], one(predicted)["status"]) == ([], None, None)
    created = run(world, people)
    assert created["diff"] == predicted["diff"]
    assert one(run(world, people, True))["action"] == "none"


@pytest.mark.parametrize("spelled", [ALICE.upper(), f"{{{ALICE.upper()}}}", f" {ALICE} "])
def test_ids_in_any_spelling_are_one_person(world: Any, spelled: str) -> None:
    first = run(world, [person("alice", spelled, CARDS.upper())])
    assert one(run(world, [person("alice", ALICE, f"{{{CARDS}}}")]))["request_id"] == one(first)["request_id"]
    assert one(first)["target"] == ALICE


def test_fifty_people_take_as_many_lists_as_one(world: Any) -> None:
    people = [person(f"p{n}", f"aaaaaaaa-0000-4000-8000-{n:012d}", "Soft", CARDS) for n in range(50)]
    assert len(run(world, people)["request_ids"]) == 100
    counted = world.call("calls")["by_operation"]
    # Once to find out what is missing, and once to agree with other runs about what was created.
    assert (counted["GET /requests"], counted["GET /profiletemplates"]) == (2, 1)
    assert counted["GET /profiletemplates/{id}/policies/{type}"] == 2
    world.call("reset-calls", None, "POST")
    assert not run(world, people)["changed"]
    assert world.call("calls")["total"] == 2


@pytest.mark.parametrize("status", ["Denied", "Canceled"])
def test_what_was_rejected_is_asked_for_again_in_the_next_generation_only(world: Any, status: str) -> None:
    first = one(run(world, [person("alice", ALICE)]))["request_id"]
    move(world, first, status)
    for _turn in range(2):
        again = run(world, [person("alice", ALICE)])
        assert not again["changed"]
        assert (one(again)["outcome"], one(again)["request_id"], again["rejected"]) == ("rejected", first, [first])
        assert "set generation: 2 for alice" in one(again)["problem"]
    second = one(run(world, [person("alice", ALICE, generation=2)]))
    assert (second["action"], second["key"]) == ("create", f"staff/{ALICE}/bbbbbbbb/2")
    result = run(world, [person("alice", ALICE, generation=2)])
    assert (one(result)["request_id"], one(result)["action"]) == (second["request_id"], "none")
    assert result["removed"] == []


def test_what_has_completed_is_not_asked_for_again(world: Any) -> None:
    first = one(run(world, [person("alice", ALICE)]))["request_id"]
    complete(world, first)
    again = one(run(world, [person("alice", ALICE)]))
    assert (again["request_id"], again["outcome"], again["status"]) == (first, "completed", "Completed")
    # The older generation of somebody who is still wanted is not removed.
    result = run(world, [person("alice", ALICE, generation=2)], removed="revoke")
    assert (result["summary"]["create"], result["removed"]) == (1, [])


@pytest.mark.parametrize("ended", [False, True])
def test_what_was_requested_by_hand_is_taken(world: Any, ended: bool) -> None:
    request_id = by_hand(world, target=ALICE)
    if ended:
        complete(world, request_id)
    found = run(world, [person("alice", ALICE)])
    assert (found["changed"], one(found)["request_id"]) == (False, request_id)
    assert run(world, [person("alice", ALICE)], adopt_completed=False)["changed"] == ended
    # It was not the file's, so it is not the file's to remove.
    assert [item["request_id"] for item in run(world, [])["removed"]].count(request_id) == 0


def test_keys_of_others_are_other_requests(world: Any) -> None:
    other = by_hand(world, target=ALICE, idempotency_key="HR-1")
    ours = one(run(world, [person("alice", ALICE)]))["request_id"]
    theirs = one(run(world, [person("alice", ALICE)], scope="staff-2"))["request_id"]
    assert len({other, ours, theirs}) == 3
    look_alike = by_hand(world, target=BRUNO, idempotency_key="staff/anything")
    assert run(world, [person("alice", ALICE)], removed="revoke")["removed"] == []
    assert next(i for i in known(world, BRUNO) if i["Uuid"] == look_alike)["Status"] == 16


def test_two_requests_for_one_wish_are_warned_of(world: Any) -> None:
    first, second, plain = (f"11111111-0000-4000-8000-00000000000{n}" for n in (1, 2, 3))
    key = f"[mimcm:staff/{ALICE}/bbbbbbbb]"
    made = [{"id": request_id, "target": ALICE, "profile_template": CARDS} for request_id in (first, second, plain)]
    twins = [{**made[0], "comment": key}, {**made[1], "comment": f"Again {key}"}, made[2]]
    world.call("scenario", {**SCENARIO, "requests": twins}, "PUT")
    found = run(world, [person("alice", ALICE)])
    assert (found["changed"], one(found)["request_id"]) == (False, first)
    assert found["warnings"] == [
        f"There is more than one open request for alice ({CARDS}); {first} is used. Cancel the others: {second}, "
        f"{plain}."
    ]
    # Somebody denies the second one: that is no answer to the first.
    move(world, second, "Denied")
    complete(world, first)
    assert one(run(world, [person("alice", ALICE)]))["outcome"] == "completed"


def removed(server: Any, **given: Any) -> Result:
    """Run without Alice."""
    return run(server, [person("bruno", BRUNO)], **given)


def test_a_removed_person_with_an_open_request(world: Any) -> None:
    alice = run(world, [person("alice", ALICE), person("bruno", BRUNO)])["enrolments"][0]["request_id"]
    reported = removed(world)
    assert not reported["changed"]
    assert [(i["request_id"], i["action"], i["status"]) for i in reported["removed"]] == [(alice, "report", "Pending")]
    predicted = removed(world, check_mode=True, removed="revoke")
    assert predicted["removed"][0]["action"] == "cancel"
    assert known(world, ALICE)[0]["Status"] == 16
    canceled = removed(world, removed="revoke")
    assert canceled["changed"]
    assert canceled["removed"][0] | {"action": "cancel", "status": "Canceled"} == canceled["removed"][0]
    assert f"cancel: {ALICE} (request {alice})" in canceled["diff"]["after"]
    again = removed(world, removed="revoke")
    assert (again["changed"], again["removed"]) == (False, [])


def test_a_removed_person_with_a_denied_request(world: Any) -> None:
    alice = run(world, [person("alice", ALICE), person("bruno", BRUNO)])["enrolments"][0]["request_id"]
    move(world, alice, "Denied")
    for mode in ("report", "revoke"):
        result = removed(world, removed=mode)
        assert (result["changed"], result["removed"]) == (False, [])


@pytest.mark.parametrize("template", [CARDS, SOFT])
def test_what_a_removed_person_has_is_revoked_once(world: Any, template: str) -> None:
    people = [person("bruno", BRUNO), person("alice", ALICE, template)]
    alice = run(world, people)["enrolments"][1]["request_id"]
    complete(world, alice)
    reported = removed(world)
    assert (reported["changed"], reported["removed"][0]["action"]) == (False, "report")
    first = removed(world, removed="revoke")
    revocation = first["removed"][0]["revocation_id"]
    assert (first["changed"], first["removed"][0]["action"]) == (True, "revoke")
    assert revocation in first["request_ids"]
    for _turn in range(2):
        again = removed(world, removed="revoke")
        assert (again["changed"], again["removed"][0]["action"]) == (False, "none")
        assert again["removed"][0]["revocation_id"] == revocation
    (made,) = [item for item in known(world, ALICE) if item["RequestType"] == 4]
    assert made["Comment"] == f"No longer in staff [mimcm:staff/revoke/{alice[:8]}]"
    (sent,) = [entry["body"] for entry in world.call("log") if (entry["body"] or {}).get("type") == "Revoke"]
    assert sent["profiletemplateuuid"] == template
    move(world, revocation, "Approved", "Executing", "Completed")
    assert not removed(world, removed="revoke")["changed"]
    # Back again: a new request, and that is then the one.
    back = run(world, people)
    assert back["summary"]["create"] == 1
    assert not run(world, people)["changed"]
    assert run(world, people)["removed"] == []


def test_a_revocation_that_was_denied_is_not_repeated(world: Any) -> None:
    alice = run(world, [person("bruno", BRUNO), person("alice", ALICE)])["enrolments"][1]["request_id"]
    complete(world, alice)
    revocation = removed(world, removed="revoke")["removed"][0]["revocation_id"]
    move(world, revocation, "Denied")
    again = removed(world, removed="revoke")
    assert not again["changed"]
    assert again["removed"][0]["action"] == "report"
    assert (again["rejected"], again["summary"]["rejected"]) == ([revocation], 1)
    assert "was rejected (Denied), and is not created again" in again["removed"][0]["problem"]


def test_what_is_out_of_use_is_not_revoked(world: Any) -> None:
    alice = run(world, [person("bruno", BRUNO), person("alice", ALICE, SOFT)])["enrolments"][1]["request_id"]
    complete(world, alice)
    profile = known(world, ALICE)[0]["NewProfileUuid"]
    move(world, by_hand(world, type="Revoke", profile_template=None, profile_id=profile), "Approved", "Executing")
    (revocation,) = [item["Uuid"] for item in known(world, ALICE) if item["RequestType"] == 4]
    url = f"{world.origin}/CertificateManagement/api/v1.0/requests/{revocation}"
    requests.put(url, json={"status": "Completed"}, timeout=5).raise_for_status()
    result = removed(world, removed="revoke")
    assert (result["changed"], result["removed"][0]["action"]) == (False, "none")


def test_a_template_that_is_no_longer_wanted(world: Any) -> None:
    run(world, [person("alice", ALICE, CARDS, SOFT)])
    result = run(world, [person("alice", ALICE, "Soft")], removed="revoke")
    assert [(i["profile_template_uuid"], i["action"]) for i in result["removed"]] == [(CARDS, "cancel")]


def test_an_empty_file_revokes_nothing_unless_that_is_meant(world: Any) -> None:
    run(world, [person("alice", ALICE)])
    refused = run(world, [], removed="revoke")
    assert refused["failed"]
    assert "set allow_empty: true if that is intended" in refused["msg"]
    assert run(world, [])["removed"][0]["action"] == "report"
    assert run(world, [], removed="revoke", allow_empty=True)["removed"][0]["action"] == "cancel"


def test_one_who_cannot_have_it_does_not_stop_the_others(world: Any) -> None:
    people = [person("alice", ALICE, CLOSED), person("bruno", BRUNO, NEEDY), person("chiara", CHIARA)]
    for check_mode in (True, False):
        result = run(world, people, check_mode)
        assert result["failed"]
        assert [item["outcome"] for item in result["enrolments"]] == ["failed", "failed", "open"]
        assert result["summary"] | {"create": 1, "failed": 2} == result["summary"]
        assert "alice" in result["msg"]
        assert "'Department'" in result["msg"]
        assert "\n" not in result["msg"]
        assert "| bruno |" in result["markdown"]
    assert len(known(world, CHIARA)) == 1
    fixed = run(world, [*people[2:], person("bruno", BRUNO, NEEDY, data_collection={"Department": "HR"})])
    assert fixed["summary"]["create"] == 1


@pytest.mark.parametrize("check_mode", [True, False])
def test_items_under_the_name_of_the_walkthrough_are_checked(world: Any, check_mode: bool) -> None:
    policy = {"data_collection": [{"name": "Department"}], "short_name": True}
    templates = [{"id": NEEDY, "name": "Needy", "policies": {"Enroll": policy}}]
    world.call("scenario", {"profile_templates": templates}, "PUT")
    result = run(world, [person("bruno", BRUNO, NEEDY), person("chiara", CHIARA, NEEDY)], check_mode)
    assert [item["outcome"] for item in result["enrolments"]] == ["failed", "failed"]
    assert "requires the data collection item 'Department'" in result["msg"]
    assert calls(world, "POST /requests") == 0


def test_what_only_the_server_knows_does_not_stop_the_others_either(world: Any) -> None:
    world.call("faults", {"kind": "status", "status": 500, "method": "POST", "times": 1}, "POST")
    result = run(world, [person("alice", ALICE), person("bruno", BRUNO)])
    assert [item["outcome"] for item in result["enrolments"]] == ["failed", "open"]
    assert (result["failed"], result["changed"]) == (True, True)
    assert run(world, [person("alice", ALICE), person("bruno", BRUNO)])["summary"]["create"] == 1


@pytest.mark.parametrize(("fault", "posts"), [({"processed": True}, 2), ({"processed": False}, 3)])
def test_a_broken_connection_leaves_one_request(world: Any, fault: dict[str, Any], posts: int) -> None:
    world.call("faults", {"kind": "reset", "method": "POST", "times": 1, **fault}, "POST")
    result = run(world, [person("alice", ALICE), person("bruno", BRUNO)])
    assert not result.get("failed"), result
    assert [len(known(world, target)) for target in (ALICE, BRUNO)] == [1, 1]
    assert [entry["method"] for entry in world.call("log")].count("POST") == posts


def test_a_server_that_is_away_is_not_asked_for_everybody(world: Any) -> None:
    world.call("faults", {"kind": "reset", "method": "POST"}, "POST")
    people = [person(f"p{n}", f"aaaaaaaa-0000-4000-8000-{n:012d}") for n in range(1, 9)]
    result = run(world, people, retries=0, reconcile_timeout=0)
    assert [item["outcome"] for item in result["enrolments"]] == ["failed"] * 8
    assert [entry["method"] for entry in world.call("log")].count("POST") == 3
    assert "was not tried" in result["enrolments"][-1]["problem"]
    assert not result["changed"]


@pytest.mark.parametrize(
    ("people", "given", "says"),
    [
        ([person("alice", "alice@contoso.com")], {}, "alice: target 'alice@contoso.com' is not the objectGUID"),
        ([person("alice", "00000000-0000-0000-0000-000000000000")], {}, "alice: target '0000"),
        ([person("alice", "{" + ALICE)], {}, "alice: target"),
        ([{"name": "alice"}], {}, "alice: target is missing; alice: templates is missing"),
        ([person("a", "x"), person("b", "y")], {}, "b: target 'y'"),
        ([person("alice", ALICE), person("bruno", ALICE.upper())], {}, f"alice and bruno have the same target {ALICE}"),
        ([person("alice", ALICE), person("alice", BRUNO)], {}, "the name 'alice' is listed 2 times"),
        (
            [person("alice", ALICE, CARDS, "Cards, for the staff")],
            {},
            "alice: the profile template 'Cards, for the staff' is listed 2 times",
        ),
        ([person("alice", ALICE, CARDS, CARDS)], {}, f"alice: the profile template '{CARDS}' is listed 2 times"),
        ([person("alice", ALICE, "Cards")], {}, "alice: templates: the account can read no profile template 'Cards'"),
        ([person("alice", ALICE, "Twice")], {}, "2 profile templates are named 'Twice'"),
        ([person("alice", ALICE, generation=0)], {}, "alice: generation must be 1 or more"),
        ([person("alice", ALICE, priority=256)], {}, "alice: priority must be from 0"),
        ([person("alice", ALICE, comment="x" * 250)], {}, "alice: comment with idempotency_key has"),
        ([person("alice", ALICE, generation=10)], {"scope": "s" * 16}, "makes the key too long with scope"),
        ([person(" ", ALICE)], {}, "entry 1: name is missing"),
        ([person("alice", ALICE)], {"scope": "a b"}, "scope must be"),
        ([person("alice", ALICE)], {"scope": "s" * 17}, "scope must be"),
        ([person("alice", ALICE)], {"reconcile_timeout": float("nan")}, "reconcile_timeout"),
    ],
)
def test_wrong_files(world: Any, people: Any, given: dict[str, Any], says: str) -> None:
    result = run(world, people, **given)
    assert result["failed"]
    assert says in result["msg"]
    assert result["msg"].endswith(".")
    assert calls(world, "POST /requests") == 0


def test_a_policy_that_cannot_be_read_is_one_warning(world: Any) -> None:
    world.call("faults", {"kind": "status", "status": 403, "match": "policies"}, "POST")
    result = run(world, [person("alice", ALICE), person("bruno", BRUNO)])
    assert result["summary"]["create"] == 2
    assert len(result["warnings"]) == 1


def test_somebody_who_is_to_have_nothing(world: Any) -> None:
    nothing = {"name": "alice", "target": ALICE, "templates": []}
    assert run(world, [nothing])["enrolments"] == []
    run(world, [person("alice", ALICE)])
    assert run(world, [nothing], removed="revoke")["removed"][0]["action"] == "cancel"


def test_the_longest_key_fits(world: Any) -> None:
    people = [person("alice", ALICE, generation=9)]
    first = one(run(world, people, scope="s" * 16))
    assert len(first["key"]) == 64
    assert one(run(world, people, scope="s" * 16))["request_id"] == first["request_id"]


def test_what_is_open_is_not_asked_for_again_in_the_next_generation(world: Any) -> None:
    first = run(world, [person("bruno", BRUNO, CARDS, SOFT)])
    cards, soft = first["request_ids"]
    move(world, cards, "Denied")
    second = run(world, [person("bruno", BRUNO, CARDS, SOFT, generation=2)])
    assert [item["action"] for item in second["enrolments"]] == ["create", "none"]
    assert second["enrolments"][1]["request_id"] == soft
    assert len(known(world, BRUNO)) == 3
    third = run(world, [person("bruno", BRUNO, CARDS, SOFT, generation=2)])
    assert not third["changed"]
    assert third["request_ids"] == second["request_ids"]


@pytest.mark.parametrize(("status", "action"), [("Active", "none"), ("Retired", "create"), ("Disabled", "create")])
def test_a_request_by_hand_counts_as_long_as_its_card_is_in_use(world: Any, status: str, action: str) -> None:
    card = "22222222-0000-4000-8000-000000000009"
    request = {"status": "Completed", "profile_template": CARDS, "target": ALICE, "smartcard": card}
    scenario = {
        **SCENARIO,
        "requests": [{"id": "11111111-0000-4000-8000-000000000009", **request}],
        "smartcards": [{"id": card, "card_id": card, "status": status}],
    }
    world.call("scenario", scenario, "PUT")
    assert one(run(world, [person("alice", ALICE)], check_mode=True))["action"] == action

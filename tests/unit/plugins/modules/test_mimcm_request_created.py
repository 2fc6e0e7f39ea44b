# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_request, mimcm_enrolments and mimcm_smartcard compare what a server says it created with what was wanted."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.modules import mimcm_enrolments, mimcm_request, mimcm_smartcard
from ansible_collections.certops.mimcm.tests.unit import helpers

TEMPLATE = "a039b4d0-5ce8-4eff-8651-181c6576fda3"
ALICE = "aaaaaaaa-0000-4000-8000-000000000001"
BRUNO = "aaaaaaaa-0000-4000-8000-000000000002"
CARD, OTHER_CARD = "22222222-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002"
FOREIGN, REAL = "11111111-0000-4000-8000-000000000001", "11111111-0000-4000-8000-000000000002"
ENROL = {"type": "Enroll", "profile_template": TEMPLATE, "target": ALICE}
# What is wanted, as the server shows it.
WANTED = {"RequestType": 1, "Status": 16, "ProfileTemplateUuid": TEMPLATE, "TargetUserUuid": ALICE}
WANTED |= {"OriginatorUserUuid": BRUNO, "Comment": "", "Submitted": "2026-03-01T08:00:00.5Z"}


class Naming:
    """A server that answers each creation with one request, and may have created another one."""

    def __init__(self, scripted: Any, reply: Any, foreign: Any, real: dict[str, Any] | None = None) -> None:
        self.reply, self.foreign, self.real, self.posts = reply, foreign, real, 0
        self.log = scripted.calls
        scripted.script = self.answer

    def answer(self, call: Any) -> Any:
        if call.method == "POST":
            self.posts += 1
            return self.reply(f"api/v1.0/requests/{FOREIGN}", 201)
        if call.path.endswith(FOREIGN):
            if isinstance(self.foreign, int):
                return self.reply(b"", self.foreign)
            return self.reply({"Uuid": FOREIGN, **self.foreign})
        real = {"Uuid": REAL, **self.real} if self.real and self.posts else None
        if call.path.endswith(REAL):
            return self.reply(real)
        if call.path.endswith("/requests"):
            return self.reply([real] if real and call.query.get("status") in (None, ["Pending"]) else [])
        return self.reply(status=204)


def run(scripted: Any, **given: Any) -> dict[str, Any]:
    fast = {"reconcile_timeout": 0, "check_policy": False, "retries": 2}
    return helpers.run(mimcm_request, scripted, **{**fast, **ENROL, **given})


FOREIGNERS: list[tuple[Any, dict[str, Any], str]] = [
    ({**WANTED, "RequestType": 3}, {}, "its type is Renew, not Enroll"),
    ({**WANTED, "RequestType": 99}, {}, "its type is 99, not Enroll"),
    ({**WANTED, "ProfileTemplateUuid": CARD}, {}, f"its profile template is {CARD}, not {TEMPLATE}"),
    ({**WANTED, "TargetUserUuid": BRUNO.upper()}, {}, f"its target user is {BRUNO}, not {ALICE}"),
    # A request for the account itself is for the one who made it.
    (WANTED, {"target": None}, f"its target user is {ALICE}, not {BRUNO}"),
    ({**WANTED, "Comment": "Somebody's [mimcm:HR-2]"}, {"idempotency_key": "HR-1"}, "its idempotency key is HR-2"),
    ({**WANTED, "Comment": "[mimcm:HR-2]"}, {}, "it has an idempotency key"),
    ({**WANTED, "Comment": "Lost card"}, {"comment": "New employee"}, "its comment is another one"),
    (204, {}, "the server does not have it, or the account may not read it"),
    (404, {}, "the server does not have it, or the account may not read it"),
]


@pytest.mark.parametrize(("foreign", "given", "says"), FOREIGNERS)
def test_the_request_of_somebody_else_is_not_taken(
    scripted: Any, reply: Any, foreign: Any, given: dict[str, Any], says: str
) -> None:
    server = Naming(scripted, reply, foreign)
    result = run(scripted, **given)
    assert result["failed"]
    assert result["changed"]
    assert f"answered the creation of the request with request {FOREIGN}, which is another one" in result["msg"]
    assert says in result["msg"]
    assert "request_id" not in result
    assert server.posts == 1


@pytest.mark.parametrize(("foreign", "given", "says"), [*FOREIGNERS, (403, {}, "")])
def test_the_real_one_is_looked_for(scripted: Any, reply: Any, foreign: Any, given: dict[str, Any], says: str) -> None:
    key, target = given.get("idempotency_key"), given.get("target", ALICE) or BRUNO
    real = {**WANTED, "Comment": f"[mimcm:{key}]" if key else "", "TargetUserUuid": target}
    server = Naming(scripted, reply, foreign, real)
    result = run(scripted, **given)
    assert (result["changed"], result["request_id"], result["request"]["uuid"]) == (True, REAL, REAL)
    assert server.posts == 1


@pytest.mark.parametrize("status", [3, 16, 18])
def test_a_request_that_existed_before_is_not_the_created_one(scripted: Any, reply: Any, status: int) -> None:
    """It was open when the module looked, and about another template; now it pretends to fit."""
    server = Naming(scripted, reply, {**WANTED, "Status": status})
    names = {3: "Approved", 16: "Pending", 18: "Executing"}
    old = {"Uuid": FOREIGN, **WANTED, "ProfileTemplateUuid": CARD, "Status": status}

    def script(call: Any) -> Any:
        listed = call.path.endswith("/requests") and call.query.get("status") == [names[status]]
        return reply([old]) if listed and call.method == "GET" else server.answer(call)

    scripted.script = script
    result = run(scripted)
    assert result["failed"]
    assert "it existed before" in result["msg"]


@pytest.mark.parametrize(
    "shown",
    [
        # As wanted, and in other spellings of the same.
        WANTED,
        {**WANTED, "TargetUserUuid": f"{{{ALICE.upper()}}}"},
        # What a server leaves out or rewrites is no sign of somebody else.
        {"RequestType": 1},
        {},
        {**WANTED, "Comment": "New employ"},
        {**WANTED, "Comment": "New  employee\r\n(sent by api)"},
    ],
)
def test_what_fits_is_taken(scripted: Any, reply: Any, shown: dict[str, Any]) -> None:
    Naming(scripted, reply, shown)
    result = run(scripted, comment="New employee")
    assert (result["changed"], result["request_id"]) == (True, FOREIGN)


def test_a_rewritten_comment_is_no_other_request(scripted: Any, reply: Any) -> None:
    shown = {"Uuid": FOREIGN, **WANTED, "Comment": "A &amp; B"}
    server = Naming(scripted, reply, shown)
    listed = {"Pending": [shown]}
    scripted.script = lambda call: (
        reply(listed.get(call.query["status"][0], []))
        if server.posts and call.path.endswith("/requests") and call.method == "GET"
        else server.answer(call)
    )
    result = run(scripted, comment="A & B")
    assert (result["changed"], result["request_id"]) == (True, FOREIGN)


@pytest.mark.parametrize("about", ["Old", "New"])
def test_a_request_about_another_card_is_not_taken(scripted: Any, reply: Any, about: str) -> None:
    Naming(scripted, reply, {"RequestType": 5, "Status": 3, f"{about}SmartcardUuid": OTHER_CARD})
    given = {"type": "Unblock", "smartcard_id": CARD, "profile_template": None, "target": None}
    result = run(scripted, **given)
    assert f"its smart card is {OTHER_CARD}, not {CARD}" in result["msg"]
    Naming(scripted, reply, {"RequestType": 5, "Status": 3, f"{about}SmartcardUuid": CARD})
    assert run(scripted, **given)["request_id"] == FOREIGN


def enrolments(scripted: Any) -> dict[str, Any]:
    people = [{"name": "alice", "target": ALICE, "templates": [TEMPLATE]}]
    given = {"people": people, "scope": "staff", "reconcile_timeout": 0, "check_policy": False}
    return helpers.run(mimcm_enrolments, scripted, **given)


def test_a_file_does_not_take_it_either(scripted: Any, reply: Any) -> None:
    Naming(scripted, reply, {**WANTED, "TargetUserUuid": BRUNO})
    result = enrolments(scripted)
    assert (result["failed"], result["changed"]) == (True, True)
    (enrolment,) = result["enrolments"]
    assert (enrolment["outcome"], enrolment["request_id"]) == ("failed", None)
    assert f"its target user is {BRUNO}, not {ALICE}" in result["msg"]


def test_a_file_looks_for_the_real_one(scripted: Any, reply: Any) -> None:
    Naming(scripted, reply, 403, {**WANTED, "Comment": f"[mimcm:staff/{ALICE}/{TEMPLATE[:8]}]"})
    (enrolment,) = enrolments(scripted)["enrolments"]
    assert (enrolment["outcome"], enrolment["request_id"]) == ("open", REAL)


CARD_ID, OTHER_ID = "33333333-0000-4000-8000-000000000001", "33333333-0000-4000-8000-000000000002"
SHOWN = {"Status": 1, "SerialNumber": f"{{{CARD_ID}}}", "AssignedUserUuid": ALICE, "ProfileTemplateUuid": TEMPLATE}


def bind(scripted: Any, reply: Any, named: Any, real: Any = None) -> dict[str, Any]:
    """Bind a card, where the server answers OTHER_CARD and the request gets the real one."""
    posted: list[Any] = []

    def script(call: Any) -> Any:
        if call.method == "POST":
            posted.append(call)
            return reply(f"api/v1.0/smartcards/{OTHER_CARD}", 201)
        if "/requests/" in call.path:
            bound = {"NewSmartcardUuid": CARD} if real and posted else {}
            return reply({"Uuid": FOREIGN, **WANTED, "Status": 3, **bound})
        shown = {CARD: real, OTHER_CARD: named}.get(call.path.rpartition("/")[2])
        return reply({"Uuid": call.path.rpartition("/")[2], **shown} if shown else None)

    scripted.script = script
    given = {"request_id": FOREIGN, "card_id": CARD_ID, "reconcile_timeout": 0, "retries": 2}
    result = helpers.run(mimcm_smartcard, scripted, **given)
    assert len(posted) == 1
    return result


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ({**SHOWN, "SerialNumber": f"{{{OTHER_ID}}}"}, f"its card id is {OTHER_ID}, not {CARD_ID}"),
        ({**SHOWN, "AssignedUserUuid": BRUNO}, f"its user is {BRUNO}, not {ALICE}"),
        ({**SHOWN, "ProfileTemplateUuid": CARD}, f"its profile template is {CARD}, not {TEMPLATE}"),
        (None, "the server does not have it"),
    ],
)
def test_the_card_of_somebody_else_is_not_taken(scripted: Any, reply: Any, named: Any, says: str) -> None:
    result = bind(scripted, reply, named)
    assert (result["failed"], result["changed"]) == (True, True)
    assert f"with smart card {OTHER_CARD}, which is another one" in result["msg"]
    assert says in result["msg"]
    found = bind(scripted, reply, named, SHOWN)
    assert (found["changed"], found["smartcard_id"]) == (True, CARD)


@pytest.mark.parametrize("named", [SHOWN, {"Status": 1}, {**SHOWN, "SerialNumber": None}])
def test_the_card_that_was_bound_is_taken(scripted: Any, reply: Any, named: Any) -> None:
    assert bind(scripted, reply, named)["smartcard_id"] == OTHER_CARD


@pytest.mark.parametrize("state", ["completed", "canceled", "abandoned"])
def test_an_ending_that_is_answered_with_another_request_is_looked_after(scripted: Any, reply: Any, state: str) -> None:
    status = {"completed": 8, "canceled": 17, "abandoned": 9}[state]
    mine: dict[str, Any] = {"Uuid": REAL, **WANTED, "Status": 3}

    def script(call: Any) -> Any:
        if call.method == "PUT":
            mine["Status"] = status
            return reply({"Uuid": FOREIGN, **WANTED, "Status": 4})
        return reply(mine)

    scripted.script = script
    given = {"state": state, "request_id": REAL, "reconcile_timeout": 0}
    result = helpers.run(mimcm_request, scripted, **given)
    assert (result["changed"], result["request"]["uuid"], result["request"]["status_code"]) == (True, REAL, status)

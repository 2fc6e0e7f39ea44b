# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_smartcard: cards are bound once, and their statuses set once."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_smartcard,
)
from ansible_collections.certops.mimcm.tests.unit import helpers
from ansible_collections.certops.mimcm.tests.unit.helpers import control
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.cards import CARD, CARD_ID, REQUEST

TEMPLATE = "97cd65fa-af4b-4587-9309-0dd6bfd8b4e1"


def run(server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return helpers.run(mimcm_smartcard, server, check_mode, **{"retries": 1, "reconcile_timeout": 0.5, **given})


def sent(server: Any, *methods: str) -> list[dict[str, Any]]:
    return [entry for entry in server.call("log") if entry["method"] in methods]


def bind(server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return run(server, check_mode, **{"request_id": REQUEST, "card_id": CARD_ID, "atr": "3b8d", **given})


def test_bound_once(server: Any) -> None:
    predicted, first, second = bind(server, True), bind(server), bind(server)
    assert [result["changed"] for result in (predicted, first, second)] == [True, True, False]
    assert (predicted["smartcard_id"], predicted["smartcard"]["card_id"]) == (None, CARD_ID)
    assert first["smartcard_id"] == second["smartcard_id"] == second["smartcard"]["uuid"]
    assert first["diff"]["after"]["card_id"] == CARD_ID
    assert len(sent(server, "POST", "PUT")) == 1


@pytest.mark.parametrize("processed", [True, False])
def test_bound_once_over_a_broken_connection(server: Any, processed: bool) -> None:
    control(server, "faults", {"kind": "reset", "method": "POST", "times": 1, "processed": processed})
    result = bind(server)
    assert result["changed"], result
    assert result["smartcard"]["card_id"] == CARD_ID
    assert len(sent(server, "POST")) == (1 if processed else 2)


@pytest.mark.parametrize(
    ("status", "card_status", "changed"), [(18, 1, False), (8, 2, False), (3, 1, True), (18, 2, True)]
)
def test_a_request_that_does_not_name_its_card_yet(
    scripted: Any, reply: Any, status: int, card_status: int, changed: bool
) -> None:
    request = {"Uuid": REQUEST, "Status": status, "TargetUserUuid": TEMPLATE, "ProfileTemplateUuid": TEMPLATE}
    card = {"Uuid": CARD, "Status": card_status, "SerialNumber": f"{{{CARD_ID}}}", "ProfileTemplateUuid": TEMPLATE}
    card["AssignedUserUuid"] = TEMPLATE
    scripted.script = lambda call: reply(
        f"api/v1.0/smartcards/{CARD}" if call.method == "POST" else request if "/requests/" in call.path else card
    )
    result = bind(scripted)
    assert (result["changed"], result["smartcard_id"]) == (changed, CARD)


def test_bound_to_another_card(server: Any) -> None:
    bind(server)
    result = bind(server, card_id=TEMPLATE)
    assert f"is bound to another card, {CARD_ID}" in result["msg"]


@pytest.mark.parametrize("status", ["Pending", "Denied", "Completed"])
def test_only_an_approved_request_takes_a_card(server: Any, status: str) -> None:
    control(server, "scenario", {"requests": [{"id": REQUEST, "status": status}]}, "PUT")
    assert f"is {status}; a card can be bound to it only while it is Approved or Executing" in bind(server)["msg"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"card_id": None}, "state assigned needs card_id"),
        ({"smartcard_id": CARD}, "leave smartcard_id out with state assigned"),
        ({"request_id": TEMPLATE}, "does not exist on the server"),
        ({"state": "retired", "request_id": TEMPLATE, "smartcard_id": TEMPLATE}, "set smartcard_id"),
    ],
)
def test_wrong_options(server: Any, given: dict[str, Any], says: str) -> None:
    assert says in bind(server, **given)["msg"]
    assert sent(server, "POST", "PUT") == []


def status(server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return run(server, check_mode, request_id=REQUEST, **{"smartcard_id": CARD, **given})


@pytest.mark.parametrize("smartcard_id", [CARD, None])
@pytest.mark.parametrize("state", ["retired", "disabled"])
def test_a_status_is_set_once(active: Any, state: str, smartcard_id: str | None) -> None:
    given = {"state": state, "smartcard_id": smartcard_id}
    predicted, first, second = status(active, True, **given), status(active, **given), status(active, **given)
    assert [result["changed"] for result in (predicted, first, second)] == [True, True, False]
    assert {result["smartcard"]["status"] for result in (predicted, first, second)} == {state.capitalize()}
    assert first["diff"] == {"before": {"status": "Active"}, "after": {"status": state.capitalize()}}
    (put,) = sent(active, "PUT")
    assert put["path"].endswith(f"/requests/{REQUEST}/smartcards/{CARD}")
    assert put["body"] == {"status": state.capitalize()}


def test_a_status_without_a_known_number(active: Any) -> None:
    first, second = (status(active, state="suspended") for _turn in range(2))
    assert (first["changed"], second["changed"]) == (True, False)
    assert first["smartcard"]["status"] is None
    assert "does not know" in first["warnings"][0]


def test_a_status_over_a_broken_connection(active: Any) -> None:
    control(active, "faults", {"kind": "reset", "method": "PUT", "times": 1, "processed": True})
    result = status(active, state="retired")
    assert (result["changed"], result["smartcard"]["status"], len(sent(active, "PUT"))) == (True, "Retired", 1)


def test_a_change_without_effect_is_told(scripted: Any, reply: Any) -> None:
    card = {"Uuid": CARD, "Status": 2, "SerialNumber": f"{{{CARD_ID}}}"}
    scripted.answer(reply(card))
    result = status(scripted, state="retired")
    assert "to Retired, but it is still Active" in result["msg"]

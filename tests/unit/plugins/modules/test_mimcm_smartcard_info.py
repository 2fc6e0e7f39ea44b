# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_smartcard_info against the reference server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_smartcard_info,
)
from ansible_collections.certops.mimcm.tests.unit.helpers import control, run
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.cards import CARD, REQUEST

OTHER = "17cf063d-e337-4aa9-a822-346554ddd3c8"


@pytest.fixture
def two(active: Any) -> Any:
    """A server with another card."""
    scenario = {
        "smartcards": [
            {"id": CARD, "card_id": "bc88f13f-83ba-4037-8262-46eba1291c6e", "status": "Active"},
            {"id": OTHER, "card_id": "bc88f13f-83ba-4037-8262-46eba1291c6f", "status": "Active"},
        ]
    }
    control(active, "scenario", scenario, "PUT")
    return active


def test_cards_of_a_request_are_the_new_and_the_old_one(active: Any) -> None:
    result = run(mimcm_smartcard_info, active, request_id=REQUEST, gather=["operations", "certificates"])
    assert [card["uuid"] for card in result["smartcards"]] == [CARD]
    assert "retire" in result["smartcards"][0]["operations"]
    assert result["smartcards"][0]["certificates"] == []


def test_what_cannot_be_gathered_is_null_and_told(two: Any) -> None:
    control(two, "faults", {"kind": "status", "status": 418, "match": f"{CARD}/certificates"})
    result = run(mimcm_smartcard_info, two, smartcard_ids=[CARD, OTHER], gather=["operations", "certificates"])
    assert [(card["uuid"], card["certificates"]) for card in result["smartcards"]] == [(CARD, None), (OTHER, [])]
    assert result["smartcards"][0]["operations"]
    assert result["unreadable"] == [CARD]
    assert "418" in result["problems"][CARD]


def test_a_card_that_cannot_be_read_is_told_beside_the_others(two: Any) -> None:
    control(two, "faults", {"kind": "status", "status": 403, "match": f"/smartcards/{OTHER}"})
    result = run(mimcm_smartcard_info, two, smartcard_ids=[OTHER, CARD])
    assert [card["uuid"] for card in result["smartcards"]] == [CARD]
    assert result["unreadable"] == [OTHER]
    alone = run(mimcm_smartcard_info, two, smartcard_ids=[OTHER])
    assert alone["failed"]
    assert "(403)" in alone["msg"]

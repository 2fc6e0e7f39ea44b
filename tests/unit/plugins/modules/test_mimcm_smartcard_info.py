# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_smartcard_info against the reference server."""

from __future__ import annotations

from typing import Any

from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_smartcard_info,
)
from ansible_collections.certops.mimcm.tests.unit.helpers import run
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.cards import CARD, REQUEST


def test_cards_of_a_request_are_the_new_and_the_old_one(active: Any) -> None:
    result = run(mimcm_smartcard_info, active, request_id=REQUEST, gather=["operations", "certificates"])
    assert [card["uuid"] for card in result["smartcards"]] == [CARD]
    assert "retire" in result["smartcards"][0]["operations"]
    assert result["smartcards"][0]["certificates"] == []

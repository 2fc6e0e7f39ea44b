# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_smartcard_admin_key and mimcm_smartcard_challenge, which answer about a card."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_smartcard_admin_key,
    mimcm_smartcard_challenge,
)
from ansible_collections.certops.mimcm.tests.unit.helpers import run
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.cards import CARD, CARD_ID, REQUEST


def test_challenge_and_key_as_documented(server: Any) -> None:
    ids = {"request_id": REQUEST, "smartcard_id": CARD, "card_id": CARD_ID}
    answers = [
        run(mimcm_smartcard_challenge, server, challenge=challenge, **ids)
        for challenge in ("1hFD+cz/0so=", "D6 11 43 F9 CC FF D2 CA")
    ]
    assert {answer["response"] for answer in answers} == {"F0Zudm4wPLY="}
    assert {answer["response_hex"] for answer in answers} == {"17466e766e303cb6"}
    assert [answer["challenge"]["encoding"] for answer in answers] == ["base64", "hex"]
    key = run(mimcm_smartcard_admin_key, server, **ids)
    assert (key["admin_key"], len(key["admin_key_hex"])) == ("mBVA+HopB/gc+6FuKsQqx+OX01hK1WQI", 48)


@pytest.mark.parametrize("body", [b"not base64!", {"Key": "5ecret"}, ["5ecret"]])
def test_what_is_no_key_is_told_and_not_repeated(scripted: Any, reply: Any, body: Any) -> None:
    scripted.answer(reply(body))
    result = run(mimcm_smartcard_admin_key, scripted, request_id=REQUEST, smartcard_id=CARD, card_id=CARD_ID)
    assert result["failed"]
    assert "5ecret" not in str(result)
    assert "not base64!" not in str(result)


def test_no_key_is_none(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(status=204))
    result = run(mimcm_smartcard_admin_key, scripted, request_id=REQUEST, smartcard_id=CARD, card_id=CARD_ID)
    assert result["admin_key"] is result["admin_key_hex"] is None

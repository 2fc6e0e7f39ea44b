# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_smartcard_admin_key and mimcm_smartcard_challenge, which answer about a card."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_smartcard_admin_key,
    mimcm_smartcard_challenge,
)

REQUEST = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
CARD = "17cf063d-e337-4aa9-a822-346554ddd3c9"
CARD_ID = "bc88f13f-83ba-4037-8262-46eba1291c6e"


def run(module: Any, server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    arguments = {"url": server.origin, "auth_method": "none", "retries": 1, **given}
    if "reconcile_timeout" in module.ARGUMENT_SPEC:
        arguments.setdefault("reconcile_timeout", 0.5)
    validated = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(arguments)
    assert not validated.error_messages
    return execute(module.run, validated.validated_parameters, check_mode)


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

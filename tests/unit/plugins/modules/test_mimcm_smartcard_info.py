# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_smartcard_info against the reference server."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_smartcard_info,
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


def control(server: Any, path: str, body: Any, method: str = "POST") -> None:
    requests.request(method, f"{server.control}/{path}", json=body, timeout=5).raise_for_status()


@pytest.fixture
def active(server: Any) -> Any:
    """A request about a card that is active."""
    scenario = {
        "requests": [{"id": REQUEST, "type": "Retire", "status": "Approved", "smartcard": CARD}],
        "smartcards": [{"id": CARD, "card_id": CARD_ID, "status": "Active"}],
    }
    control(server, "scenario", scenario, "PUT")
    return server


def test_cards_of_a_request_are_the_new_and_the_old_one(active: Any) -> None:
    result = run(mimcm_smartcard_info, active, request_id=REQUEST, gather=["operations", "certificates"])
    assert [card["uuid"] for card in result["smartcards"]] == [CARD]
    assert "retire" in result["smartcards"][0]["operations"]
    assert result["smartcards"][0]["certificates"] == []

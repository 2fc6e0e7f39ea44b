# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_request holds what it is to create against the workflow policy."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.modules import mimcm_request
from ansible_collections.certops.mimcm.tests.unit.helpers import run

TEMPLATE = "a039b4d0-5ce8-4eff-8651-181c6576fda3"
CREATED = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
OPEN = {"Enabled": True, "CollectComments": True, "CollectRequestPriority": True, "PolicyDataCollection": []}


def create(scripted: Any, **given: Any) -> dict[str, Any]:
    return run(mimcm_request, scripted, **{"type": "Enroll", "profile_template": TEMPLATE, **given})


def server(reply: Any, answer: Any) -> Any:
    def script(call: Any) -> Any:
        if call.method == "POST":
            return reply(f"api/v1.0/requests/{CREATED}", status=201)
        if call.path.endswith(CREATED):
            return reply({"Uuid": CREATED, "RequestType": 1, "ProfileTemplateUuid": TEMPLATE, "Status": 16})
        return answer if "/policies/" in call.path or "/policy/" in call.path else reply(status=204)

    return script


def test_the_module_says_it_in_one_sentence(scripted: Any, reply: Any) -> None:
    scripted.script = server(reply, reply({**OPEN, "PolicyDataCollection": [{"Name": "City"}], "Enabled": True}))
    result = create(scripted)
    assert result["failed"]
    assert f"violates the Enroll policy of profile template {TEMPLATE}: it requires" in result["msg"]
    assert "check_policy: false" in result["msg"]
    assert not [call for call in scripted.calls if call.method == "POST"]
    assert create(scripted, check_policy=False)["changed"]


@pytest.mark.parametrize("answer", [{"status": 403}, {"status": 404}, {"status": 204}, {"status": 500}])
def test_a_policy_that_cannot_be_read_is_a_warning(scripted: Any, reply: Any, answer: dict[str, Any]) -> None:
    scripted.script = server(reply, reply(b"", **answer))
    result = create(scripted)
    assert result["changed"]
    (warning,) = result["warnings"]
    assert warning.startswith("The request was not checked against its policy: ")


def test_a_key_is_no_comment_of_the_users(scripted: Any, reply: Any) -> None:
    scripted.script = server(reply, reply({**OPEN, "CollectComments": False}))
    assert create(scripted, idempotency_key="k")["changed"]

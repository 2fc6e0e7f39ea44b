# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_request_info, run as both shells run it, against a server that answers as a test says."""

from __future__ import annotations

from typing import Any

from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_request_info,
)
from ansible_collections.certops.mimcm.tests.unit.helpers import run
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.listings import A, B, C, requests, world


def test_info_by_ids(scripted: Any, reply: Any) -> None:
    scripted.script = world(reply, requests(b=3, a=16))
    result = run(mimcm_request_info, scripted, request_ids=[A, C, B, A])
    assert [item["uuid"] for item in result["requests"]] == [A, B]
    assert (result["missing"], result["count"], result["changed"]) == ([C], 2, False)
    assert "failed" not in result


def test_info_by_status_lets_the_server_filter(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(requests(a=16)))
    result = run(mimcm_request_info, scripted, status="Pending", target_user="current", query="[].uuid")
    assert scripted.calls[0].query == {"status": ["Pending"], "targetuser": ["current"]}
    assert (result["query_result"], result["requests"], result["count"]) == ([A], [], 1)


def test_a_wrong_query_is_found_before_the_server_is_asked(scripted: Any) -> None:
    result = run(mimcm_request_info, scripted, query="[?status=='Pending'")
    assert result["failed"]
    assert "JMESPath" in result["msg"]
    assert scripted.calls == []

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


def test_a_request_that_cannot_be_read_is_told_beside_the_others(scripted: Any, reply: Any) -> None:
    def script(call: Any) -> Any:
        last = call.path.rpartition("/")[2]
        if last == B:
            return reply(b"", status=403)
        return reply([]) if last == "requests" else reply({"Uuid": last, "Status": 3})

    scripted.script = script
    result = run(mimcm_request_info, scripted, request_ids=[A, B, C])
    assert [item["uuid"] for item in result["requests"]] == [A, C]
    assert (result["unreadable"], result["missing"], list(result["problems"])) == ([B], [], [B])
    assert f"does not permit reading request {B} (403)" in result["problems"][B]
    assert result["warnings"][0].startswith("1 of 3 requests could not be read: The server does not permit")


def test_requests_of_which_none_can_be_read_fail_the_task(scripted: Any, reply: Any) -> None:
    scripted.script = lambda call: reply(b"", status=403)
    result = run(mimcm_request_info, scripted, request_ids=[A, B])
    assert result["failed"]
    assert f"does not permit reading request {A} (403)" in result["msg"]
    assert result["unreadable"] == [A, B]


def test_info_by_status_lets_the_server_filter(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(requests(a=16)))
    result = run(mimcm_request_info, scripted, status="Pending", target_user="current", query="[].uuid")
    assert scripted.calls[0].query == {"status": ["Pending"], "targetuser": ["current"]}
    assert (result["query_result"], result["requests"], result["count"]) == ([A], [], 1)


def test_what_has_not_been_processed_is_a_status_too(server: Any) -> None:
    made = [{"id": A, "status": "None"}, {"id": B, "status": "Pending"}, {"id": C, "status": "None"}]
    server.call("scenario", {"requests": made}, "PUT")
    everything = run(mimcm_request_info, server, status="None")
    assert [item["uuid"] for item in everything["requests"] if item["uuid"] in (A, B, C)] == [A, C]
    assert server.call("log")[-1]["query"] == {"status": "None"}
    by_id = run(mimcm_request_info, server, status="None", request_ids=[A, B, C])
    assert [item["uuid"] for item in by_id["requests"]] == [A, C]


def test_a_wrong_query_is_found_before_the_server_is_asked(scripted: Any) -> None:
    result = run(mimcm_request_info, scripted, query="[?status=='Pending'")
    assert result["failed"]
    assert "JMESPath" in result["msg"]
    assert scripted.calls == []

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_request_info, run as both shells run it, against a server that answers as a test says."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_request_info,
)

IDS = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(1, 12)]
A, B, C, D = IDS[:4]


def run(module: Any, server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    arguments = {"url": server.origin, "auth_method": "none", "retries": 0, **given}
    validated = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(arguments)
    assert not validated.error_messages
    return execute(module.run, validated.validated_parameters, check_mode)


def requests(**codes: int) -> list[dict[str, Any]]:
    names = dict(zip("abcd", IDS, strict=False))
    return [{"Uuid": names[name].upper(), "Status": code, "RequestType": 1} for name, code in codes.items()]


def world(reply: Any, listed: list[dict[str, Any]]) -> Any:
    """A list, and 404 for each item that is not in it."""

    def script(call: Any) -> Any:
        last = call.path.rpartition("/")[2]
        if last == "requests":
            return reply(listed)
        found = [item for item in listed if item["Uuid"].lower() == last]
        return reply(found[0]) if found else reply(b"", status=404)

    return script


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

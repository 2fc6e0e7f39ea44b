# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_profile_info sends only the statuses that the API filters profiles by, and filters the others itself."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.modules import mimcm_profile_info
from ansible_collections.certops.mimcm.tests.unit.helpers import run

REQUEST = "11111111-0000-4000-8000-000000000001"
TEMPLATE = "bbbbbbbb-0000-4000-8000-000000000001"
IDS = {
    status: f"dddddddd-0000-4000-8000-00000000000{number}"
    for number, status in enumerate(("New", "Active", "Disabled", "Suspended", "Retired", "None"))
}


@pytest.fixture
def world(server: Any) -> Any:
    profiles = [{"id": uuid, "status": status, "template": TEMPLATE} for status, uuid in IDS.items()]
    requests = [{"id": REQUEST, "status": "Completed", "profile": IDS["Disabled"]}]
    server.call("scenario", {"profiles": profiles, "requests": requests}, "PUT")
    return server


def found(server: Any, **given: Any) -> list[str]:
    result = run(mimcm_profile_info, server, **given)
    assert not result.get("failed"), result["msg"]
    return sorted({item["uuid"] for item in result["profiles"]} & set(IDS.values()))


def sent(server: Any) -> list[Any]:
    return [entry["query"].get("status") for entry in server.call("log") if entry["path"].endswith("/profiles")]


@pytest.mark.parametrize("status", ["New", "Disabled", "Retired"])
def test_a_status_that_the_api_does_not_filter_by_is_filtered_here(world: Any, status: str) -> None:
    assert found(world, status=status) == [IDS[status]]
    assert sent(world) == [None]


@pytest.mark.parametrize("status", ["Active", "None"])
def test_a_documented_filter_is_sent(world: Any, status: str) -> None:
    assert found(world, status=status) == [IDS[status]]
    assert sent(world) == [status]


@pytest.mark.parametrize("status", ["Approved", "Canceled", "Completed", "Denied", "Executing", "Failed", "Pending"])
def test_a_filter_that_no_profile_shows_is_the_servers_to_decide(
    scripted: Any, reply: Any, world: Any, status: str
) -> None:
    assert found(world, status=status) == []
    assert sent(world) == [status]
    # It says that the first one is in that status, whatever the profile shows.
    shown = [{"Uuid": uuid, "Status": 2} for uuid in IDS.values()]
    scripted.script = lambda call: reply(shown[:1] if "status" in call.query else shown)
    assert found(scripted, status=status) == [shown[0]["Uuid"]]
    assert found(scripted, status=status, request_id=REQUEST) == [shown[0]["Uuid"]]


def test_a_status_without_a_known_number_finds_nothing_and_warns(world: Any) -> None:
    result = run(mimcm_profile_info, world, status="Suspended")
    assert (result["profiles"], sent(world)) == ([], [None])
    assert any("status number 4" in warning for warning in result["warnings"])


@pytest.mark.parametrize(("status", "there"), [("Disabled", True), ("Active", False), ("None", False)])
def test_profiles_of_a_request_are_filtered_too(world: Any, status: str, there: bool) -> None:
    assert found(world, request_id=REQUEST, status=status) == ([IDS["Disabled"]] if there else [])
    assert found(world, profile_ids=[IDS["Disabled"]], status=status) == ([IDS["Disabled"]] if there else [])


def test_a_server_that_does_not_filter(scripted: Any, reply: Any) -> None:
    scripted.answer(reply([{"Uuid": IDS["Active"], "Status": 2}, {"Uuid": IDS["New"], "Status": 0}]))
    assert found(scripted, status="Active") == [IDS["Active"]]

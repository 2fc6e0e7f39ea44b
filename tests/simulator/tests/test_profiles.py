# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles, operations, certificates, and what the end of a request does to them."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mimcm_simulator.launch import Running, running

ACTIVE = "9b1d7e20-4c5f-4a8b-b3e6-1f2a3b4c6001"
DISABLED = "9b1d7e20-4c5f-4a8b-b3e6-1f2a3b4c6002"
RETIRED = "9b1d7e20-4c5f-4a8b-b3e6-1f2a3b4c6003"
PROFILE = "9b1d7e20-4c5f-4a8b-b3e6-1f2a3b4c7001"
OLD = "9b1d7e20-4c5f-4a8b-b3e6-1f2a3b4c7003"
USER = "6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001"
NOBODY = "9b1d7e20-4c5f-4a8b-b3e6-1f2a3b4c7fff"
SCENARIO: dict[str, Any] = {
    "approvals_needed": False,
    "smartcards": [
        {"id": ACTIVE, "card_id": ACTIVE, "status": "Active", "user": USER, "profile": PROFILE},
        {"id": DISABLED, "card_id": DISABLED, "status": "Disabled"},
        {"id": RETIRED, "card_id": RETIRED, "status": "Retired"},
    ],
    "profiles": [
        {"id": PROFILE, "user": USER, "comment": "laptop"},
        {"id": OLD, "status": "Retired"},
    ],
    "certificates": [
        {"smartcard": ACTIVE, "serial": "1b00", "not_after": "2027-01-31T08:00:00", "template_name": "Logon"},
        {"smartcard": ACTIVE, "mine": False},
        {"profile": PROFILE, "thumbprint": "ab" * 20},
        {"profile": OLD},
    ],
}


@pytest.fixture
def world() -> Any:
    with running("--no-documented") as server:
        requests.put(f"{server.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
        yield server


def get(server: Running, path: str, **query: str) -> requests.Response:
    return requests.get(f"{server.url}{path}", params=query, timeout=5)


def create(server: Running, **body: str) -> str:
    answer = requests.post(f"{server.url}/requests", json={"comment": "", **body}, timeout=5)
    identifier: str = answer.json().rsplit("/", 1)[-1]
    return identifier


def put(server: Running, path: str, status: str) -> requests.Response:
    return requests.put(f"{server.url}{path}", json={"status": status}, timeout=5)


def test_profiles(world: Running) -> None:
    profile = get(world, f"/profiles/{PROFILE}").json()
    assert list(profile)[-1] == "ProfileOperations"
    assert profile["ProfileOperations"] == ["renew", "disable", "recover"]
    assert profile["Comment"] == "laptop"
    assert len(get(world, "/profiles").json()) == 2
    assert [item["Uuid"] for item in get(world, "/profiles", Status="active").json()] == [PROFILE]
    # Documented as filters, whatever they mean for a profile; other names are not, also those of profiles.
    for status in ("Approved", "canceled", "Completed", "Denied", "Executing", "Failed", "None", "Pending"):
        assert get(world, "/profiles", status=status).status_code == 204
    for status in ("New", "Disabled", "Suspended", "Retired", "Assigned"):
        assert get(world, "/profiles", status=status).status_code == 400
    assert get(world, f"/profiles/{NOBODY}").status_code == 204


def test_operations(world: Running) -> None:
    assert set(get(world, f"/smartcards/{ACTIVE}/operations").json()) >= {"renew", "unblock", "retire", "disable"}
    assert get(world, f"/smartcards/{DISABLED}/operations").json() == ["renew", "unblock", "retire"]
    assert get(world, f"/smartcards/{RETIRED}/operations").status_code == 204
    assert get(world, f"/profiles/{OLD}/operations").status_code == 204
    assert get(world, f"/profiles/{PROFILE}/operations").json() == ["renew", "disable", "recover"]


def test_certificates(world: Running) -> None:
    of_card = get(world, f"/smartcards/{ACTIVE}/certificates").json()
    assert len(of_card) == 2
    assert of_card[0]["SerialNumber"] == "1B00"
    assert "NotAfter" not in of_card[0]
    assert get(world, f"/smartcards/{DISABLED}/certificates").status_code == 204
    assert get(world, f"/profiles/{PROFILE}/certificates").json()[0]["Thumbprint"] == "AB" * 20
    own = get(world, "/certificates").json()
    assert [item["TemplateCommonName"] for item in own] == ["Logon", "ContosoSmartcardLogon"]
    assert own[0]["NotAfter"] == "2027-01-31T08:00:00"
    assert own[0]["Status"] == 0


@pytest.mark.parametrize(("status", "number"), [("retired", 6), ("Suspended", 4), ("Disabled", 3)])
def test_change_a_card(world: Running, status: str, number: int) -> None:
    request = create(world, type="Retire", smartcard=ACTIVE)
    assert put(world, f"/requests/{request}/smartcards/{ACTIVE}", "Lost").status_code == 400
    assert put(world, f"/requests/{request}/smartcards/{DISABLED}", status).status_code == 500
    assert put(world, f"/requests/{NOBODY}/smartcards/{ACTIVE}", status).status_code == 204
    assert requests.put(f"{world.url}/requests/{request}/smartcards/{ACTIVE}", timeout=5).status_code == 400
    assert put(world, f"/requests/{request}/smartcards/{ACTIVE}", status).json()["Status"] == number
    assert get(world, f"/profiles/{PROFILE}").json()["Status"] == number
    assert get(world, f"/requests/{request}").json()["Status"] == 18
    assert put(world, f"/requests/{request}", "Completed").json()["Status"] == 8


@pytest.mark.parametrize(("kind", "number"), [("Retire", 6), ("Revoke", 3), ("Unblock", 2)])
def test_completion(world: Running, kind: str, number: int) -> None:
    request = create(world, type=kind, smartcard=ACTIVE)
    document = get(world, f"/requests/{request}").json()
    assert document["TargetUserUuid"] == USER
    assert document["OldProfileUuid"] == PROFILE
    assert put(world, f"/requests/{request}", "Completed").status_code == 500
    url = f"{world.control}/requests/{request}"
    requests.post(url, json={"status": "Executing"}, timeout=5).raise_for_status()
    assert put(world, f"/requests/{request}", "Completed").json()["Status"] == 8
    assert get(world, f"/smartcards/{ACTIVE}").json()["Status"] == number
    assert get(world, f"/profiles/{PROFILE}").json()["Status"] == number


def test_requests_about_profiles(world: Running) -> None:
    request = create(world, type="Revoke", profile=PROFILE)
    assert get(world, f"/requests/{request}").json()["TargetUserUuid"] == USER
    assert [item["Uuid"] for item in get(world, f"/requests/{request}/profiles").json()] == [PROFILE]
    answer = requests.post(f"{world.url}/requests", json={"comment": "", "type": "Renew", "profile": NOBODY}, timeout=5)
    assert answer.status_code == 500


def test_documented_profiles_beside_planted_ones(server: Running) -> None:
    requests.put(f"{server.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
    active = get(server, "/profiles", status="Active").json()
    assert [item["Uuid"] == PROFILE for item in active] == [True, False, False, False]
    assert get(server, f"/profiles/{active[-1]['Uuid']}/operations").json() == ["renew", "disable"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"certificates": [{"serial": "1B"}]}, "certificates[0] needs the key 'smartcard' or the key 'profile'"),
        ({"certificates": [{"profile": OLD, "not_after": "soon"}]}, "certificates[0].not_after must be a time"),
        ({"profiles": [{"id": OLD}, {"id": OLD}]}, "profiles[1].id is there twice"),
        ({"certificate_days": 0}, "certificate_days must be a whole number"),
    ],
)
def test_scenario_errors(server: Running, content: Any, text: str) -> None:
    answer = requests.put(f"{server.control}/scenario", json=content, timeout=5)
    assert answer.status_code == 400
    assert text in answer.json()["error"]

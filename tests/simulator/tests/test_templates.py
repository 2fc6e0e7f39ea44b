# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profile templates, their policies, and what they mean for new requests."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mimcm_simulator.launch import Running, running

CARDS = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5001"
SOFTWARE = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5002"
SECRET = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5003"
NOBODY = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5fff"
DOCUMENTED = "97CD65FA-AF4B-4587-9309-0DD6BFD8B4E1"
ADMIN_KEY = "00112233445566778899AABBCCDDEEFF0011223344556677"
SCENARIO: dict[str, Any] = {
    "profile_templates": [
        {
            "id": CARDS,
            "name": "Employees",
            "description": "Cards",
            "virtual": True,
            "pin": "0042",
            "policies": {
                "Enroll": {
                    "data_collection": [
                        {"name": "Cost centre"},
                        {"name": "Site", "default": "Bern"},
                        {"name": "Remark", "required": False},
                    ],
                    "collect_comments": False,
                    "enrollment_agent": True,
                },
                "Renew": {"enabled": False},
                "Unblock": {"approvals_needed": 0},
                "TemporaryEnroll": {"enabled": False},
            },
            "smartcard_configuration": {"admin_key": ADMIN_KEY, "diversify": False},
        },
        {"id": SOFTWARE, "name": "Laptops", "smartcard": False},
        {"id": SECRET, "name": "Board", "forbidden": True},
    ],
    "smartcards": [{"id": NOBODY, "card_id": NOBODY, "template": CARDS, "user": SOFTWARE}],
}
POLICY_NAMES = [
    "ApprovalsNeeded",
    "AuthorizedApprover",
    "AuthorizedEnrollmentAgent",
    "AuthorizedInitiator",
    "CollectComments",
    "CollectRequestPriority",
    "DefaultRequestPriority",
    "Documents",
    "Enabled",
    "EnrollAgentRequired",
    "OneTimePasswordPolicy",
    "Personalization",
    "PolicyDataCollection",
    "SelfServiceEnabled",
]


@pytest.fixture
def world(server: Running) -> Running:
    requests.put(f"{server.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
    return server


def get(server: Running, path: str, **query: str) -> requests.Response:
    return requests.get(f"{server.url}{path}", params=query, timeout=5)


def create(server: Running, **body: Any) -> requests.Response:
    return requests.post(f"{server.url}/requests", json={"comment": "", "type": "Enroll", **body}, timeout=5)


def created(server: Running, **body: Any) -> dict[str, Any]:
    identifier = create(server, **body).json().rsplit("/", 1)[-1]
    document: dict[str, Any] = get(server, f"/requests/{identifier}").json()
    return document


def test_list(world: Running) -> None:
    templates = get(world, "/profiletemplates", targetuser="Current").json()
    assert [template["Name"] for template in templates[:3]] == ["Employees", "Laptops", "Board"]
    assert len(templates) == 5
    assert templates[0] == {
        "Name": "Employees",
        "Description": "Cards",
        "Uuid": CARDS,
        "IsSmartcardProfileTemplate": True,
        "IsVirtualSmartcardProfileTemplate": True,
    }
    assert get(world, "/profiletemplates", targetuser="alice").status_code == 400


def test_one(world: Running) -> None:
    assert get(world, f"/profiletemplates/{SOFTWARE}").json()["IsSmartcardProfileTemplate"] is False
    assert get(world, f"/profiletemplates/{SECRET}").status_code == 200
    assert get(world, f"/profiletemplates/{NOBODY}").status_code == 204


def test_policy(world: Running) -> None:
    policy = get(world, f"/ProfileTemplates/{CARDS}/Policies/ENROLL").json()
    assert list(policy) == POLICY_NAMES
    assert policy["EnrollAgentRequired"] is True
    assert policy["CollectComments"] is False
    items = policy["PolicyDataCollection"]
    assert [(item["Name"], item["Required"], item["DefaultValue"]) for item in items] == [
        ("Cost centre", True, None),
        ("Site", True, "Bern"),
        ("Remark", False, None),
    ]
    assert get(world, f"/profiletemplates/{CARDS}/policies/renew").json()["Enabled"] is False
    assert get(world, f"/profiletemplates/{CARDS}/policies/retire").json()["ApprovalsNeeded"] == 1
    assert get(world, f"/profiletemplates/{DOCUMENTED}/policies/enroll").json()["PolicyDataCollection"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/profiletemplates/{CARDS}/policies/TemporaryCards", 400),
        (f"/profiletemplates/{NOBODY}/policies/enroll", 204),
        (f"/profiletemplates/{SECRET}/policies/enroll", 403),
        (f"/profiletemplates/{CARDS}/policy/workflow/enroll", 404),
        (f"/profiletemplates/{SECRET}/configuration/smartcards", 403),
        (f"/profiletemplates/{SOFTWARE}/configuration/smartcards", 204),
        (f"/profiletemplates/{NOBODY}/configuration/smartcards", 204),
    ],
)
def test_refusals(world: Running, path: str, status: int) -> None:
    assert get(world, path).status_code == status


def test_the_name_of_the_walkthrough(server: Running) -> None:
    policies = {"Enroll": {"data_collection": [{"name": "Cost centre"}], "short_name": True}}
    scenario = {"profile_templates": [{"id": CARDS, "name": "Cards", "policies": policies}]}
    requests.put(f"{server.control}/scenario", json=scenario, timeout=5).raise_for_status()
    policy = get(server, f"/profiletemplates/{CARDS}/policies/enroll").json()
    assert ([item["Name"] for item in policy["DataCollection"]], "PolicyDataCollection" in policy) == (
        ["Cost centre"],
        False,
    )


@pytest.mark.parametrize(("choice", "expected"), [("policy/workflow", [404, 200]), ("both", [200, 200])])
def test_policy_route(choice: str, expected: list[int]) -> None:
    with running("--policy-route", choice) as server:
        paths = [f"/profiletemplates/{DOCUMENTED}/{route}/enroll" for route in ("policies", "policy/workflow")]
        assert [get(server, path).status_code for path in paths] == expected


def test_configuration(world: Running) -> None:
    configuration = get(world, f"/profiletemplates/{CARDS}/configuration/smartcards").json()
    assert configuration["DefaultAdminKeyHex"] == ADMIN_KEY
    assert configuration["DiversifyAdminKey"] is False
    assert configuration["UserPinOption"] == 1


def test_data_collection(world: Running) -> None:
    assert "datacollection" in create(world, profiletemplateuuid=CARDS).text
    assert create(world, profiletemplateuuid=CARDS).status_code == 400
    document = created(world, profiletemplateuuid=CARDS, datacollection=[{"cost centre": "12"}, {"Other": "x"}])
    assert document["DataCollection"] == [
        {"Name": "Cost centre", "Value": "12"},
        {"Name": "Site", "Value": "Bern"},
        {"Name": "Remark", "Value": None},
        {"Name": "Other", "Value": "x"},
    ]
    assert document["IsDataCollectionComplete"] is False
    items = '[{"Cost centre":"12"},{"Remark":"y"}]'
    assert created(world, profiletemplateuuid=CARDS, datacollection=items)["IsDataCollectionComplete"] is True


def test_policies_rule_new_requests(world: Running) -> None:
    assert create(world, type="Renew", smartcard=NOBODY).status_code == 500
    assert create(world, type="TemporaryCards", profiletemplateuuid=CARDS).status_code == 500
    document = created(world, type="Unblock", smartcard=NOBODY)
    assert document["Status"] == 3
    assert document["TargetUserUuid"] == SOFTWARE
    assert document["IsSmartcard"] is True
    document = created(world, profiletemplateuuid=SOFTWARE)
    assert document["Status"] == 16
    assert document["IsSmartcard"] is False


def test_unknown_template(world: Running) -> None:
    assert create(world, profiletemplateuuid=NOBODY).status_code == 201
    with running("--no-documented") as server:
        assert create(server, profiletemplateuuid=NOBODY).status_code == 201
        requests.put(f"{server.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
        answer = create(server, profiletemplateuuid=NOBODY)
        assert answer.status_code == 500
        assert "Correlation ID" in answer.json()["Message"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"name": "x"}, "profile_templates[0] needs the key 'id'"),
        ({"id": CARDS, "name": "x", "pin": 42}, "profile_templates[0].pin must be a quoted string"),
        ({"id": CARDS, "name": "x", "policies": {"Suspend": {}}}, "policies has the unknown key 'Suspend'"),
        ({"id": CARDS, "name": "x", "policies": {"Enroll": {"x": 1}}}, "policies.Enroll has the unknown key 'x'"),
        ({"id": CARDS, "name": "x", "smartcard_configuration": {"pin": ""}}, "has the unknown key 'pin'"),
        ({"id": CARDS, "name": "x", "smartcard_configuration": {"admin_key": "00"}}, "of 48 hexadecimal digits"),
        ({"id": CARDS, "name": "x", "certificates": 0}, "must be a whole number from 1 to 20"),
    ],
)
def test_scenario_errors(server: Running, content: Any, text: str) -> None:
    answer = requests.put(f"{server.control}/scenario", json={"profile_templates": [content]}, timeout=5)
    assert answer.status_code == 400
    assert text in answer.json()["error"]

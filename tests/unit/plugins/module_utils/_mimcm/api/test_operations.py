# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every documented operation: method, path, query and body as the reference has them, and the documented answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api import operations
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Operation
from ansible_collections.certops.mimcm.tests.unit.helpers import examples

BASE = "/CertificateManagement/api/v1.0"
REQUEST = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
CARD = "17cf063d-e337-4aa9-a822-346554ddd3c9"
CARD_ID = "bc88f13f-83ba-4037-8262-46eba1291c6e"
TEMPLATE = "97cd65fa-af4b-4587-9309-0dd6bfd8b4e1"
ITEM = "438d1b30-f3b4-4bed-85fa-285e08605ba7"

# What a client is asked to do, by the documented page and the number of its example.
DOCUMENTED: list[tuple[str, int, Callable[[Client], Any]]] = [
    ("get-profile-templates", 0, lambda c: c.list_profile_templates()),
    (
        "create-request",
        0,
        lambda c: c.create_request(
            {
                "datacollection": "[]",
                "type": "Enroll",
                "profiletemplateuuid": "a039b4d0-5ce8-4eff-8651-181c6576fda3",
                "comment": "",
                "priority": None,
            }
        ),
    ),
    (
        "create-request",
        1,
        lambda c: c.create_request({"datacollection": "[]", "type": "Unblock", "smartcard": CARD, "comment": ""}),
    ),
    ("get-request", 0, lambda c: c.get_request(REQUEST)),
    ("get-request", 1, lambda c: c.get_request("0c96d73f-967b-420e-854a-43ad2a1504bc")),
    ("cancel-abandon-complete-request", 0, lambda c: c.update_request(REQUEST, "Completed")),
    ("get-certificate-request-generation-options", 0, lambda c: c.list_generation_options(REQUEST)),
    (
        "assign-smartcard-to-request",
        0,
        lambda c: c.assign_smartcard(REQUEST, CARD_ID, "3b8d0180fba000000397425446590301c8"),
    ),
    ("get-smartcard-data", 0, lambda c: c.list_smartcards("d1ef6869-5517-42a0-8f05-16ca1a0b834d")),
    ("get-smartcard-data", 1, lambda c: c.get_smartcard(CARD)),
    (
        "get-smartcard-authentication-response",
        0,
        lambda c: c.get_authentication_response(REQUEST, CARD, CARD_ID, "1hFD+cz/0so=", False),
    ),
    ("get-smartcard-diversified-admin-key", 0, lambda c: c.get_diversified_key(REQUEST, CARD, CARD_ID)),
    ("get-profile-state-operations", 0, lambda c: c.list_smartcard_operations(ITEM)),
    ("get-profile-data", 0, lambda c: c.list_profiles("Active")),
    (
        "get-smartcard-profile-certificates",
        0,
        lambda c: c.list_smartcard_certificates("5badfea3-de31-4837-99f9-8249515a5473"),
    ),
    ("get-user-certificates", 0, lambda c: c.list_certificates()),
]


@pytest.mark.parametrize(("page", "number", "ask"), DOCUMENTED, ids=[f"{row[0]}-{row[1]}" for row in DOCUMENTED])
def test_documented_exchange(scripted: Any, reply: Any, page: str, number: int, ask: Callable[[Client], Any]) -> None:
    documented = examples(page)[number]
    answer = documented["response"]
    scripted.answer(reply(answer["json"], status=answer["status"]))
    result = ask(scripted.client())
    (call,) = scripted.calls
    url = urlsplit(documented["request"]["path"])
    assert call.method == documented["request"]["method"]
    assert call.path.lower() == url.path.lower()
    assert call.query == parse_qs(url.query)
    assert call.body == documented["request"].get("json")
    if call.body is not None:
        assert call.headers["Content-Type"] == "application/json"
    assert ids_in(result) == ids_in(answer["json"])


def ids_in(value: Any) -> list[str]:
    """The first GUIDs of a value, which is enough to see that it is the same thing."""
    text = json.dumps(value).lower()
    return re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text)[:1]


# What has no documented example, or none with all its parameters: method, path, query, body.
CONTRACT: list[tuple[Callable[[Client], Any], str, str, dict[str, list[str]], Any]] = [
    (lambda c: c.list_profile_templates("current"), "GET", "/profiletemplates", {"targetuser": ["current"]}, None),
    (lambda c: c.get_profile_template(TEMPLATE), "GET", f"/profiletemplates/{TEMPLATE}", {}, None),
    (
        lambda c: c.get_workflow_policy(TEMPLATE, "TemporaryEnroll"),
        "GET",
        f"/profiletemplates/{TEMPLATE}/policies/TemporaryEnroll",
        {},
        None,
    ),
    (
        lambda c: c.get_smartcard_configuration(TEMPLATE),
        "GET",
        f"/profiletemplates/{TEMPLATE}/configuration/smartcards",
        {},
        None,
    ),
    (
        lambda c: c.list_requests("Pending", "current"),
        "GET",
        "/requests",
        {"status": ["Pending"], "targetuser": ["current"]},
        None,
    ),
    (lambda c: c.update_request(REQUEST, "Abandoned"), "PUT", f"/requests/{REQUEST}", {}, {"status": "Abandoned"}),
    (
        lambda c: c.submit_certificate_requests(REQUEST, ["MII=", "MIJ="], "s3cret", "two"),
        "POST",
        f"/requests/{REQUEST}/certificatedata",
        {},
        {"pfxpassword": "s3cret", "certificaterequests": ["MII=", "MIJ="], "comments": "two"},
    ),
    (
        lambda c: c.submit_certificate_requests(REQUEST, ["MII="], ""),
        "POST",
        f"/requests/{REQUEST}/certificatedata",
        {},
        {"pfxpassword": "", "certificaterequests": ["MII="]},
    ),
    (lambda c: c.list_request_profiles(REQUEST), "GET", f"/requests/{REQUEST}/profiles", {}, None),
    (lambda c: c.list_smartcards(), "GET", "/smartcards", {}, None),
    (
        lambda c: c.get_server_proposed_pin(CARD, None, "3b8d", CARD_ID, "z6p+/Yu9JQA="),
        "GET",
        f"/smartcards/{CARD}/serverproposedpin",
        {"atr": ["3b8d"], "cardid": [CARD_ID], "challenge": ["z6p+/Yu9JQA="]},
        None,
    ),
    (
        lambda c: c.get_authentication_response(REQUEST, CARD, CARD_ID, "AA==", True, "3b8d"),
        "GET",
        f"/requests/{REQUEST}/smartcards/{CARD}/authenticationresponse",
        {"cardid": [CARD_ID], "challenge": ["AA=="], "diversified": ["True"], "atr": ["3b8d"]},
        None,
    ),
    (
        lambda c: c.get_diversified_key(REQUEST, CARD, CARD_ID, "3b8d"),
        "GET",
        f"/requests/{REQUEST}/smartcards/{CARD}/diversifiedkey",
        {"cardid": [CARD_ID], "atr": ["3b8d"]},
        None,
    ),
    (
        lambda c: c.update_smartcard(REQUEST, CARD, "Retired"),
        "PUT",
        f"/requests/{REQUEST}/smartcards/{CARD}",
        {},
        {"status": "Retired"},
    ),
    (lambda c: c.list_profile_operations(ITEM), "GET", f"/profiles/{ITEM}/operations", {}, None),
    (lambda c: c.list_profiles(), "GET", "/profiles", {}, None),
    (lambda c: c.get_profile(ITEM), "GET", f"/profiles/{ITEM}", {}, None),
    (lambda c: c.list_profile_certificates(ITEM), "GET", f"/profiles/{ITEM}/certificates", {}, None),
]


CONTRACT_IDS = [f"{number}{row[2]}" for number, row in enumerate(CONTRACT)]


@pytest.mark.parametrize(("ask", "method", "path", "query", "body"), CONTRACT, ids=CONTRACT_IDS)
def test_what_is_sent(
    scripted: Any, reply: Any, ask: Callable[[Client], Any], method: str, path: str, query: Any, body: Any
) -> None:
    scripted.answer(reply(status=204))
    assert not ask(scripted.client())
    (call,) = scripted.calls
    assert (call.method, call.path, call.query, call.body) == (method, BASE + path, query, body)


def test_every_operation_is_tried_here() -> None:
    """By path: each operation is asked for in one of the two tables or in a test below."""
    sources = Path(__file__).read_text(encoding="utf-8")
    methods = re.findall(r"\bc\.(\w+)\(", sources)
    client = Path(operations.__file__).with_name("client.py").read_text(encoding="utf-8")
    for name in {name for name in vars(operations) if isinstance(getattr(operations, name), Operation)}:
        users = re.findall(rf"    def (\w+)\((?:(?!\n    def ).)*?\bops\.{name}\b", client, re.DOTALL)
        assert set(users) - {"_check_api_enabled"}, name
        assert set(users) & set(methods), name


@pytest.mark.parametrize("path", ["policies", "policy/workflow"])
def test_both_spellings_of_the_policy(scripted: Any, reply: Any, path: str) -> None:
    scripted.script = lambda call: (
        reply({"Enabled": True, "PolicyDataCollection": [{"Name": "City"}]})
        if f"/{path}/" in call.path
        else reply(b"", status=404)
    )
    policy = scripted.client().get_workflow_policy(TEMPLATE, "Enroll")
    assert policy is not None
    assert (policy["enabled"], policy["policy_data_collection"]) == (True, [{"name": "City"}])
    assert policy["approvals_needed"] is None


@pytest.mark.parametrize("address", ["api/v1.0/requests/{}", "/CertificateManagement/api/v1.0/requests/{}", "{}/"])
@pytest.mark.parametrize("quoted", [True, False])
def test_the_id_of_what_was_created(scripted: Any, reply: Any, address: str, quoted: bool) -> None:
    text = address.format(REQUEST.upper())
    scripted.answer(reply(text if quoted else text.encode(), status=201))
    assert scripted.client().create_request({"type": "Enroll"}) == REQUEST


@pytest.mark.parametrize("body", [{}, [], "api/v1.0/requests/", "", None, 5, b"<html>", b'"broken'])
def test_a_creation_without_an_address(scripted: Any, reply: Any, body: Any) -> None:
    scripted.answer(reply(body, status=201))
    with pytest.raises(errors.InvalidAnswer):
        scripted.client().create_request({"type": "Enroll"})


@pytest.mark.parametrize(
    "ask",
    ids=["certificates", "key", "response", "configuration"],
    argvalues=[
        lambda c: c.submit_certificate_requests(REQUEST, ["MII="], "pfx-5ecret"),
        lambda c: c.get_diversified_key(REQUEST, CARD, CARD_ID),
        lambda c: c.get_authentication_response(REQUEST, CARD, CARD_ID, "AA==", False),
        lambda c: c.get_smartcard_configuration(TEMPLATE),
    ],
)
def test_errors_of_what_is_secret_repeat_nothing(scripted: Any, reply: Any, ask: Callable[[Client], Any]) -> None:
    correlation = "5f0ad9c0-14f5-4bd4-8d5e-3c2c4c1a1c0f"
    for status in (400, 500):
        scripted.answer(reply({"Message": f"5ecret pfx-5ecret {correlation}"}, status=status))
        with pytest.raises(errors.MimcmError) as caught:
            ask(scripted.client())
        assert "5ecret" not in str(caught.value)
    assert correlation in str(caught.value)

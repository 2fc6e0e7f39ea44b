# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Smart cards and their PINs."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mimcm_simulator.launch import Running

REQUEST = "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a1001"
WITHOUT = "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a1002"
CARD = "c41f9d20-0b7a-4a3d-8a61-5e2d7f9b4001"
OWN_PIN = "c41f9d20-0b7a-4a3d-8a61-5e2d7f9b4002"
SECRET = "c41f9d20-0b7a-4a3d-8a61-5e2d7f9b4003"
CARD_ID = "e90d4c37-52b8-4f16-a1d3-7c0b8e6f2001"
OTHER_ID = "e90d4c37-52b8-4f16-a1d3-7c0b8e6f2002"
SCENARIO: dict[str, Any] = {
    "requests": [
        {"id": REQUEST, "status": "Approved", "smartcard": CARD},
        {"id": WITHOUT, "status": "Approved"},
    ],
    "smartcards": [
        {"id": CARD, "card_id": CARD_ID, "atr": "3b8d", "pin": "0042"},
        {"id": OWN_PIN, "card_id": OTHER_ID, "pin": None},
        {"id": SECRET, "card_id": SECRET, "pin": "1", "pin_forbidden": True},
    ],
}


@pytest.fixture
def cards(server: Running) -> Running:
    requests.put(f"{server.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
    return server


def get(server: Running, path: str, **query: str) -> requests.Response:
    return requests.get(f"{server.url}{path}", params=query, timeout=5)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        (f"/smartcards/{CARD}/serverproposedpin", {}, 200),
        (
            f"/smartcards/{CARD}/serverproposedpin",
            {"CardId": f"{{{CARD_ID.upper()}}}", "challenge": "1hFD+cz/0so="},
            200,
        ),
        (f"/smartcards/{CARD}/serverproposedpin", {"cardid": OTHER_ID}, 500),
        (f"/smartcards/{CARD}/serverproposedpin", {"challenge": "CFAA62118BBD25"}, 400),
        (f"/requests/{REQUEST}/smartcards/{CARD}/serverproposedpin", {"atr": "3b8d"}, 200),
        (f"/requests/{REQUEST}/smartcards/{OWN_PIN}/serverproposedpin", {}, 500),
        (f"/requests/{CARD}/smartcards/{CARD}/serverproposedpin", {}, 404),
        (f"/smartcards/{OWN_PIN}/serverproposedpin", {}, 204),
        (f"/smartcards/{SECRET}/serverproposedpin", {}, 403),
        (f"/smartcards/{REQUEST}/serverproposedpin", {}, 404),
    ],
)
def test_pin(cards: Running, path: str, query: dict[str, str], expected: int) -> None:
    answer = get(cards, path, **query)
    assert answer.status_code == expected
    if expected == 200:
        assert answer.content == b'"0042"'


def test_an_unencoded_plus_sign_is_refused(cards: Running) -> None:
    url = f"{cards.url}/smartcards/{CARD}/serverproposedpin?challenge=1hFD+cz/0so="
    assert requests.get(url, timeout=5).status_code == 400


def test_reading_cards(cards: Running) -> None:
    assert get(cards, f"/smartcards/{CARD}").json()["SerialNumber"] == f"{{{CARD_ID}}}"
    assert get(cards, "/smartcards", cardid=CARD_ID).json()["Uuid"] == CARD
    assert isinstance(get(cards, "/smartcards").json(), list)
    assert get(cards, "/smartcards", cardid=CARD).status_code == 204
    assert get(cards, f"/smartcards/{REQUEST}").status_code == 204


def test_binding_a_card_begins_execution(cards: Running) -> None:
    body = {"requestid": WITHOUT, "cardid": "11111111-53b8-4f16-a1d3-7c0b8e6f2001", "atr": "3b8d"}
    answer = requests.post(f"{cards.url}/smartcards", json=body, timeout=5)
    assert answer.status_code == 201
    document = get(cards, f"/requests/{WITHOUT}").json()
    assert document["Status"] == 18
    assert answer.json() == f"api/v1.0/smartcards/{document['NewSmartcardUuid']}"
    assert requests.post(f"{cards.url}/smartcards", json=body, timeout=5).status_code == 500
    assert requests.post(f"{cards.url}/smartcards", json={**body, "requestid": REQUEST}, timeout=5).status_code == 500


def test_no_pin_in_the_log(cards: Running) -> None:
    get(cards, f"/smartcards/{CARD}/serverproposedpin")
    assert "0042" not in requests.get(f"{cards.control}/log", timeout=5).text.replace(CARD, "")

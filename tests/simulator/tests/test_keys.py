# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Challenges of cards, and their admin keys."""

from __future__ import annotations

import base64
from typing import Any

import pytest
import requests
from mimcm_simulator.keys_api import encrypted
from mimcm_simulator.launch import Running

REQUEST = "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a1001"
PENDING = "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a1002"
CARD = "c41f9d20-0b7a-4a3d-8a61-5e2d7f9b4001"
SECRET = "c41f9d20-0b7a-4a3d-8a61-5e2d7f9b4002"
CARD_ID = "e90d4c37-52b8-4f16-a1d3-7c0b8e6f2001"
TEMPLATE = "2d4f0c11-6a3e-4b7c-9d51-0e8a7b6c5001"
ADMIN_KEY = "00112233445566778899AABBCCDDEEFF0011223344556677"
SCENARIO: dict[str, Any] = {
    "profile_templates": [{"id": TEMPLATE, "name": "x", "smartcard_configuration": {"admin_key": ADMIN_KEY}}],
    "requests": [
        {"id": REQUEST, "type": "Unblock", "status": "Approved", "smartcard": CARD},
        {"id": PENDING, "type": "Unblock", "smartcard": SECRET},
    ],
    "smartcards": [
        {"id": CARD, "card_id": CARD_ID, "template": TEMPLATE},
        {"id": SECRET, "card_id": SECRET, "key_forbidden": True},
    ],
}
CHALLENGE = "1hFD+cz/0so="
GOOD = {"cardid": CARD_ID, "challenge": CHALLENGE}


@pytest.fixture
def world(server: Running) -> Running:
    requests.put(f"{server.control}/scenario", json=SCENARIO, timeout=5).raise_for_status()
    return server


def ask(server: Running, what: str, request: str = REQUEST, card: str = CARD, **query: str) -> requests.Response:
    return requests.get(f"{server.url}/requests/{request}/smartcards/{card}/{what}", params=query, timeout=5)


def test_triple_des() -> None:
    # With three equal parts it is plain DES, whose answer to this pair is in many books.
    key = bytes.fromhex("133457799BBCDFF1") * 3
    assert encrypted(key, bytes.fromhex("0123456789ABCDEF")).hex().upper() == "85E813540F0AB405"


def test_diversified_key_answers_the_challenge(world: Running) -> None:
    key = base64.b64decode(ask(world, "diversifiedkey", cardid=f"{{{CARD_ID.upper()}}}", atr="3b8d").json())
    assert len(key) == 24
    assert all(bin(octet).count("1") % 2 for octet in key)
    assert ask(world, "diversifiedkey", cardid=CARD_ID).json() == base64.b64encode(key).decode()
    answer = base64.b64decode(ask(world, "authenticationresponse", **GOOD, diversified="True").json())
    assert answer == encrypted(key, base64.b64decode(CHALLENGE))


@pytest.mark.parametrize("more", [{}, {"diversified": "false"}])
def test_default_key(world: Running, more: dict[str, str]) -> None:
    answer = ask(world, "authenticationresponse", **GOOD, **more).json()
    expected = encrypted(bytes.fromhex(ADMIN_KEY), base64.b64decode(CHALLENGE))
    assert answer == base64.b64encode(expected).decode()
    document = requests.get(f"{world.url}/requests/{REQUEST}", timeout=5).json()
    assert document["Status"] == 18


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"cardid": SECRET}, 500),
        ({"cardid": "x"}, 400),
        ({"challenge": ""}, 400),
        ({"challenge": "CFAA62118BBD25"}, 400),
        ({"challenge": "AAAA"}, 400),
        ({"diversified": "perhaps"}, 400),
        ({"card": SECRET, "cardid": SECRET}, 403),
        ({"card": REQUEST}, 204),
        ({"request": CARD}, 204),
        ({"request": PENDING}, 500),
    ],
)
def test_refusals(world: Running, changes: dict[str, str], status: int) -> None:
    assert ask(world, "authenticationresponse", **{**GOOD, **changes}).status_code == status


def test_documented_example_only_for_its_own_challenge(server: Running) -> None:
    request, card = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099", "17cf063d-e337-4aa9-a822-346554ddd3c9"
    query = {"cardid": "bc88f13f-83ba-4037-8262-46eba1291c6e", "diversified": "False"}
    answer = ask(server, "authenticationresponse", request, card, challenge=CHALLENGE, **query)
    assert answer.json() == "F0Zudm4wPLY="
    # The documented request has no card before it is bound.
    other = ask(server, "authenticationresponse", request, card, challenge=CHALLENGE.lower(), **query)
    assert other.status_code == 500

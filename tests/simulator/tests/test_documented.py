# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every documented exchange, octet for octet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from mimcm_simulator.launch import Running

WIRE = Path(__file__).resolve().parents[2] / "wire"
EXAMPLES = [
    pytest.param(example, id=f"{page.stem}-{index}")
    for page in sorted(WIRE.glob("*.json"))
    for index, example in enumerate(json.loads(page.read_text(encoding="utf-8"))["examples"])
    if "json" in example.get("response", {})
]


def compact(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("change", [str, str.upper, str.lower])
@pytest.mark.parametrize("example", EXAMPLES)
def test_example(server: Running, example: dict[str, Any], change: Any) -> None:
    wanted = example["request"]
    path, _dummy, query = wanted["path"].partition("?")
    # The case of base64 in the query matters to a real server, so only names are changed there.
    query = "&".join(
        f"{change(name)}={value}" for name, _dummy, value in (part.partition("=") for part in query.split("&"))
    )
    url = server.origin + change(path) + (f"?{query}" if query.strip("=") else "")
    answer = requests.request(wanted["method"], url, json=wanted.get("json"), timeout=5)
    assert answer.status_code == example["response"]["status"]
    assert answer.content == compact(example["response"]["json"])
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_nul_characters_are_escaped(server: Running) -> None:
    answer = requests.get(f"{server.url}/requests/a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099", timeout=5)
    assert answer.content.count(b"\\u0000") == 9
    assert b"\0" not in answer.content


@pytest.mark.parametrize("shape", ["{}", "{{{}}}", "%7B{}%7D"])
def test_guids_in_braces(server: Running, shape: str) -> None:
    identifier = shape.format("A9B4B42C-CC50-4C9B-89D1-BBC0BCD5A099")
    answer = requests.get(f"{server.url}/Requests/{identifier}", timeout=5)
    assert answer.json()["Uuid"] == "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


def test_documented_create_twice_makes_two_requests(server: Running) -> None:
    body = {
        "datacollection": "[]",
        "type": "Enroll",
        "profiletemplateuuid": "a039b4d0-5ce8-4eff-8651-181c6576fda3",
        "comment": "",
    }
    first, second = (requests.post(f"{server.url}/requests", json=body, timeout=5).json() for _dummy in range(2))
    assert first == "api/v1.0/requests/a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
    assert second.startswith("api/v1.0/requests/")
    assert second != first


def test_placeholder_pin_is_a_json_string(server: Running) -> None:
    url = f"{server.url}/smartcards/C6BAD97C-F97F-4920-8947-BE980C98C6B5/serverproposedpin"
    assert requests.get(url, timeout=5).content == b'"0042"'

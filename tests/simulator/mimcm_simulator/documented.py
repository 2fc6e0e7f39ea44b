# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented example exchanges, read from tests/wire: data that are served unchanged."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from .templates import Template
from .values import STATUSES, guid
from .world import Card, Certificate, Profile, Request, World, card_document

WIRE = Path(__file__).resolve().parents[2] / "wire"

# The PIN page shows a placeholder instead of a body, so the documented cards have this PIN.
PIN = "0042"
# The PIN page names a card that no other page shows; the walk-through names this card id.
PIN_CARD_ID = "23cadd5f-020d-4c3b-a5ca-307b7a06f9c9"

_BASE = re.compile(r"^/certificatemanagement/api/v1\.0", re.IGNORECASE)
_POLICY_PATH = re.compile(r"^/profiletemplates/([^/]+)/policies/")
_PIN_PATH = re.compile(r"^/smartcards/([^/]+)/serverproposedpin$")

Query = Mapping[str, str]


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    json: Any


def plain(path: str) -> str:
    """A path that can be compared: lower case, GUIDs without braces, no slash at the end."""
    return "/".join(guid(segment) or segment.lower() for segment in path.rstrip("/").split("/"))


def comparable(query: Query) -> dict[str, str]:
    """Names and values in lower case; but the case of base64 matters."""
    return {
        name.lower(): value if name.lower() == "challenge" else guid(value) or value.lower()
        for name, value in query.items()
    }


def _exchange(example: dict[str, Any]) -> Exchange:
    request, response = example["request"], example["response"]
    url = urlsplit(request["path"])
    return Exchange(
        method=request["method"],
        path=plain(_BASE.sub("", unquote(url.path))),
        query=comparable(dict(parse_qsl(url.query))),
        body=request.get("json"),
        status=response["status"],
        json=response.get("json"),
    )


def load(folder: Path = WIRE) -> list[Exchange]:
    """Every example that has a request and an answer; an answer without JSON is a placeholder of the page."""
    pages = [json.loads(page.read_text(encoding="utf-8")) for page in sorted(folder.glob("*.json"))]
    return [
        _exchange(example) for page in pages for example in page["examples"] if "status" in example.get("response", {})
    ]


def match(exchanges: list[Exchange], method: str, path: str, query: Query, body: Any = None) -> Exchange | None:
    wanted = (method, plain(path), comparable(query))
    for exchange in exchanges:
        # An example without a body stands for its method and path alone.
        body_fits = exchange.body is None or exchange.body == body
        if (exchange.method, exchange.path, exchange.query) == wanted and exchange.json is not None and body_fits:
            return exchange
    return None


def _shown(exchanges: list[Exchange], method: str, *names: str) -> Iterator[dict[str, Any]]:
    for exchange in exchanges:
        if (
            exchange.method == method
            and isinstance(exchange.json, dict)
            and all(name in exchange.json for name in names)
        ):
            yield copy.deepcopy(exchange.json)


def documented_request(exchanges: list[Exchange], identifier: str) -> Request | None:
    """The request as its page shows it, freshly made."""
    completed = {
        document["Uuid"]: document
        for document in _shown(exchanges, "PUT", "Submitted", "Status")
        if document["Status"] == STATUSES["Completed"]
    }
    for document in _shown(exchanges, "GET", "Submitted", "Status"):
        if document["Uuid"] == identifier:
            return Request(document, when_completed=completed.get(identifier))
    return None


def _lists(exchanges: list[Exchange], path: str) -> Iterator[dict[str, Any]]:
    for exchange in exchanges:
        if exchange.method == "GET" and exchange.path == path and isinstance(exchange.json, list):
            yield from copy.deepcopy(exchange.json)


def _preload_templates(world: World, exchanges: list[Exchange]) -> None:
    """Those of the documented list, and those that only requests, cards or the pages of the policies name."""
    for document in _lists(exchanges, "/profiletemplates"):
        template = Template(
            document["Uuid"],
            document["Name"],
            document["Description"],
            smartcard=document["IsSmartcardProfileTemplate"],
            virtual=document["IsVirtualSmartcardProfileTemplate"],
        )
        world.templates.setdefault(template.id, template)
    named = [document["ProfileTemplateUuid"] for document in _shown(exchanges, "GET", "ProfileTemplateUuid")]
    named += [found[1] for found in map(_POLICY_PATH.match, (exchange.path for exchange in exchanges)) if found]
    for identifier in named:
        template = Template(identifier, f"Documented template {identifier[:8]}", listed=False)
        world.templates.setdefault(identifier, template)


def _preload_profiles(world: World, exchanges: list[Exchange]) -> None:
    for document in _lists(exchanges, "/profiles"):
        operations = document.pop("ProfileOperations")
        world.profiles.setdefault(document["Uuid"], Profile(document, operations))
    world.certificates += [Certificate(document) for document in _lists(exchanges, "/certificates")]


def preload(world: World, exchanges: list[Exchange]) -> None:
    """Put the documented objects into the state, so calls can read and change them."""
    for document in _shown(exchanges, "GET", "Submitted", "Status"):
        request = documented_request(exchanges, document["Uuid"])
        if request:
            world.requests.setdefault(document["Uuid"], request)
    for document in _shown(exchanges, "GET", "SerialNumber", "Atr"):
        world.cards.setdefault(document["Uuid"], Card(document, pin=PIN))
    atr = next((card.document["Atr"] for card in world.cards.values()), "")
    for exchange in exchanges:
        found = _PIN_PATH.match(exchange.path)
        if found:
            document = card_document(Uuid=found[1], SerialNumber=f"{{{PIN_CARD_ID}}}", Atr=atr)
            world.cards.setdefault(found[1], Card(document, pin=PIN))
    _preload_templates(world, exchanges)
    _preload_profiles(world, exchanges)

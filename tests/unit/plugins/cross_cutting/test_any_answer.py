# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any JSON that a server could send is understood or is a MimcmError: for every module, and every call of it."""

from __future__ import annotations

import base64
import json
from contextlib import nullcontext
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api import answer, calls
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import shapes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call
from ansible_collections.certops.mimcm.tests.unit.helpers import MODULES, defaults, load

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
MINE = {"title": "Mine", "about": "certificate", "select": "[]", "reason": "$serial_number $thumbprint $issuer"}
PERSON = {"name": "alice", "target": ID, "data_collection": {}, "comment": "", "priority": None, "generation": 1}
# What each module is called with; a new one must be added here.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "mimcm_certificate": [{"request_id": ID, "csrs": [base64.b64encode(b"x").decode()]}],
    "mimcm_certificate_info": [{}, {"smartcard_id": ID}, {"profile_id": ID, "expires_within": "30d"}],
    "mimcm_certificate_request_info": [{"request_id": ID}],
    "mimcm_compliance": [{}, {"certificates": "own", "policy": {"rules": {"mine": MINE}}}],
    "mimcm_enrolments": [
        {"people": [{**PERSON, "templates": [ID]}], "scope": "s", "adopt_completed": True, "check_policy": True},
        {"people": [{**PERSON, "templates": ["x"]}], "scope": "s", "removed": "revoke"},
        {"people": [], "scope": "s", "removed": "revoke", "allow_empty": True},
    ],
    "mimcm_profile_info": [{}, {"profile_ids": [ID], "gather": ["operations", "certificates"]}, {"request_id": ID}],
    "mimcm_profile_template_info": [
        {"policies": ["Enroll"], "smartcard_configuration": True, "include_admin_key": True},
        {"ids": [ID]},
        {"name": "x"},
    ],
    "mimcm_request": [
        {
            "type": "Enroll",
            "profile_template": ID,
            "data_collection": {"a": "b"},
            "comment": "x",
            "idempotency_key": "k",
        },
        {"type": "Unblock", "smartcard_id": ID},
        {"state": "completed", "request_id": ID},
        {"state": "abandoned", "request_id": ID},
    ],
    "mimcm_request_info": [{}, {"request_ids": [ID]}, {"query": "[?status=='Pending'].uuid"}],
    "mimcm_request_gate": [{"request_ids": [ID]}, {"people": [{**PERSON, "templates": [ID]}], "scope": "s"}],
    "mimcm_request_wait": [
        {"request_ids": [ID], "wait_timeout": 0},
        {"request_ids": [ID, ID[:-1] + "0"], "wait_timeout": 0},
    ],
    "mimcm_smartcard": [
        {"state": "assigned", "request_id": ID, "card_id": ID},
        {"state": "retired", "request_id": ID, "smartcard_id": ID},
    ],
    "mimcm_smartcard_admin_key": [{"request_id": ID, "smartcard_id": ID, "card_id": ID}],
    "mimcm_smartcard_challenge": [
        {"request_id": ID, "smartcard_id": ID, "card_id": ID, "challenge": "cfaa62118bbd2500"}
    ],
    "mimcm_smartcard_info": [{}, {"smartcard_ids": [ID], "gather": ["operations", "certificates"]}, {"request_id": ID}],
    "mimcm_smartcard_pin": [{"smartcard_id": ID}, {"smartcard_id": ID, "request_id": ID}],
}
# What they have no JSON of MIM CM's for.
WITHOUT = {"mimcm_login", "mimcm_ping"}

SHAPES = [value for value in vars(shapes).values() if isinstance(value, shapes.Shape)]
NAMES = sorted({name for form in SHAPES for name in form.fields})
IDS = st.sampled_from([ID, ID.upper(), f"{{{ID}}}", "00000000-0000-0000-0000-000000000000"])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | IDS
    | st.sampled_from(
        ["2026-03-02T10:15:00Z", "2026-03-02T10:15:00.1234567", "0001-01-01T00:00:00", "2026-13-99", "[]"]
    )
)
ANY = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
# Nearly what the contract promises, which goes furthest into the code.
THING = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), ANY, max_size=6)
NEARLY = st.builds(lambda thing, uuid: {**thing, "Uuid": uuid}, THING, IDS | LEAVES)
DOCUMENT = ANY | NEARLY | st.lists(NEARLY, max_size=3) | st.just(f"api/v1.0/requests/{ID}")


class Answering:
    """A transport that answers each call with the next of some texts, and the last one for ever."""

    answered, max_connections = False, 1

    base = "https://cm.test"
    signed_in_with = None
    calls = 0

    def __init__(self, contents: list[bytes]) -> None:
        self.contents = contents

    def call(self, operation: Any, ids: Any = None, query: Any = None, body: Any = None) -> answer.Answer:
        content = self.contents.pop(0) if len(self.contents) > 1 else self.contents[0]
        return answer.Answer(200, "application/json", content, Call(operation.method, self.base, "testing"))

    def reading_several(self) -> Any:
        return nullcontext()

    def limited_to(self, seconds: float) -> Any:
        return calls.contextmanager(lambda: iter([None]))()

    def close(self) -> None:
        pass


def check(name: str, given: dict[str, Any], contents: list[bytes]) -> None:
    module = load("modules", name)
    params = {**defaults(module.ARGUMENT_SPEC), **given, "reconcile_timeout": 0}
    result = execute(module.run, params, False, lambda _params: Client(Answering(contents)))  # type: ignore[arg-type]
    json.dumps(result, allow_nan=False).encode()
    json.dumps(result, ensure_ascii=False).encode()
    if result.get("failed"):
        assert result["msg"].endswith(".")
        assert "\n" not in result["msg"]


def test_every_module_is_here() -> None:
    assert set(MODULES) == set(OPTIONS) | WITHOUT


@pytest.mark.parametrize("name", sorted(OPTIONS))
@hypothesis.settings(max_examples=40, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None)
@hypothesis.given(data=st.data())
def test_any_json_is_understood_or_a_mimcm_error(name: str, data: Any) -> None:
    given = data.draw(st.sampled_from(OPTIONS[name]))
    documents = data.draw(st.lists(DOCUMENT, min_size=1, max_size=4))
    ascii_only = data.draw(st.booleans())
    contents = [
        json.dumps(document, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") for document in documents
    ]
    check(name, given, contents)


@pytest.mark.parametrize("name", sorted(OPTIONS))
@hypothesis.settings(max_examples=15, deadline=None, suppress_health_check=list(hypothesis.HealthCheck), database=None)
@hypothesis.given(content=st.binary(max_size=60))
def test_any_bytes_are_understood_or_a_mimcm_error(name: str, content: bytes) -> None:
    check(name, OPTIONS[name][0], [content])


@pytest.mark.parametrize("name", sorted(OPTIONS))
@pytest.mark.parametrize("depth", [40, 60, 400, 5000, 100_000])
@pytest.mark.parametrize("kind", ["list", "object"])
def test_any_depth_is_understood_or_a_mimcm_error(name: str, depth: int, kind: str) -> None:
    opening, closing = (b"[", b"]") if kind == "list" else (b'{"x": ', b"}")
    deep = opening * depth + b"1" + closing * depth
    for given in OPTIONS[name]:
        for content in (deep, b'[{"Uuid": "%s", "x": %s}]' % (ID.encode(), deep)):
            check(name, given, [content])


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_numbers_that_are_too_long(name: str) -> None:
    for number in (b"1" * 4000, b"1" * 5000, b"-1e999", b"1e400", b'"%s"' % (b"1" * 5000)):
        for field in (b"Priority", b"Status"):
            check(name, OPTIONS[name][0], [b'[{"Uuid": "%s", "%s": %s}]' % (ID.encode(), field, number)])

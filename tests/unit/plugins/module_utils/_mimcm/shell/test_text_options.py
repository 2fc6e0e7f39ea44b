# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that must be text, as somebody writes them in YAML with and without quotes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.text_options import check_text
from ansible_collections.certops.mimcm.tests.unit.helpers import MODULES, load

SPECS = {name: load("modules", name).ARGUMENT_SPEC for name in MODULES}
CHANGED = {
    "0765432107654321": "a number",
    "12345678": "a number",
    "0x10": "a number",
    "1_000": "a number",
    "190:20:30": "a number",
    "1.10": "a number",
    "1.5e+3": "a number",
    ".inf": "a number",
    ".nan": "a number",
    "yes": "true or false",
    "No": "true or false",
    "ON": "true or false",
    "2026-11-20": "a date",
    "2026-11-20 08:30:00": "a date",
    "2026-11-20T08:30:00Z": "a date",
    "!!binary aGk=": "binary data",
}
TEXTS = [
    *("request_id", "smartcard_id", "profile_id", "card_id", "atr", "challenge", "idempotency_key", "comment"),
    *("username", "password", "token", "client_id", "client_secret", "refresh_token", "pfx_password", "dest", "scope"),
    *("profile_template", "target", "name", "query", "url", "ca_path", "ticket_cache"),
]


def read(text: str) -> Any:
    return yaml.safe_load(text)


def specs_of(option: str) -> list[dict[str, Any]]:
    found = [spec for spec in SPECS.values() if option in spec]
    assert found
    return found


@pytest.mark.parametrize(("written", "kind"), CHANGED.items())
def test_what_is_not_text_is_refused_with_the_options_name_alone(written: str, kind: str) -> None:
    value = read(written)
    for option, spec in ((name, spec) for name in TEXTS for spec in specs_of(name)):
        with pytest.raises(UsageError) as caught:
            check_text({option: value}, spec)
        message = str(caught.value)
        assert message.startswith(f"{option} ({kind}) must be text")
        assert "quotes" in message
        assert str(value) not in message
        assert ". " not in message


@pytest.mark.parametrize("written", [*CHANGED, "1e3", "0o17", "11111111-0000-4000-8000-000000000001"])
def test_what_is_in_quotes_is_taken(written: str) -> None:
    for option in TEXTS:
        for spec in specs_of(option):
            check_text({option: read(f"'{written}'")}, spec)


@given(written=st.text(st.sampled_from("0123456789_.:-+xoeE yYnNOT"), min_size=1, max_size=16))
@example(written="null")
@example(written="~")
def test_a_value_is_taken_only_as_it_was_written(written: str) -> None:
    try:
        value = read(f"{{challenge: {written}}}")["challenge"]
    except (yaml.YAMLError, ValueError, KeyError, TypeError):
        return
    try:
        check_text({"challenge": value}, SPECS["mimcm_smartcard_challenge"])
    except UsageError:
        assert not isinstance(value, str)
    else:
        assert value is None or isinstance(value, (list, dict)) or value == written.strip()


@pytest.mark.parametrize(
    ("module", "written"),
    [
        ("mimcm_request", "{priority: 010, reconcile_timeout: 1.5, check_policy: no, timeout: 30, retries: 0}"),
        ("mimcm_smartcard_pin", "{mode: 0600, owner: 1000, group: 0, dest: /x, unsafe_writes: false}"),
        ("mimcm_certificate_info", "{expires_within: 30}"),
        ("mimcm_enrolments", "{scope: x, people: [{name: a, target: b, templates: [c], priority: 1, generation: 2}]}"),
        ("mimcm_enrolments", "{scope: x, people: [{name: a, comment: null, data_collection: {Floor: null}}]}"),
        ("mimcm_compliance", "{policy: {rules: {old: {parameters: {days: 3}}}}}"),
        ("mimcm_request_info", "{status: no, request_ids: null}"),
        ("mimcm_request", "{data_collection: {Floor: '3', Rooms: [a, b]}}"),
    ],
)
def test_what_may_be_something_else_is_left_alone(module: str, written: str) -> None:
    check_text(read(written), SPECS[module])


@pytest.mark.parametrize(
    ("module", "written", "says"),
    [
        ("mimcm_request", "{data_collection: {Number: 0042}}", "data_collection.Number (a number) must"),
        ("mimcm_request", "{data_collection: {Rooms: [A, 0042]}}", "data_collection.Rooms (a number) must"),
        ("mimcm_request", "{data_collection: {Start: 2026-11-20}}", "data_collection.Start (a date) must"),
        ("mimcm_request", "{data_collection: {0042: x}}", "the name 34 in data_collection (a number) must"),
        ("mimcm_request", "{comment: on, target: 1}", "target (a number), comment (true or false) must"),
        ("mimcm_request_wait", "{request_ids: [a, 7]}", "request_ids (a number) must"),
        ("mimcm_request_wait", "{request_ids: 7}", "request_ids (a number) must"),
        ("mimcm_smartcard_info", "{ids: [7]}", "ids (a number) must"),
        ("mimcm_certificate", "{csr_path: 0700}", "csr_path (a number) must"),
        ("mimcm_compliance", "{mode: 0600}", "mode (a number) must"),
        ("mimcm_enrolments", "{people: [{name: ann, target: 1}]}", "people: ann: target (a number) must"),
        ("mimcm_enrolments", "{people: [{name: x}, {name: no}]}", "people: entry 2: name (true or false) must"),
        ("mimcm_enrolments", "{people: [{name: ann, templates: [2024]}]}", "people: ann: templates (a number) must"),
        (
            "mimcm_request_gate",
            "{people: [{name: ann, data_collection: {Floor: 03}}]}",
            "people: ann: data_collection.Floor (a number) must",
        ),
    ],
)
def test_each_place_is_named(module: str, written: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_text(read(written), SPECS[module])
    assert str(caught.value).startswith(says)


def test_a_long_file_is_not_repeated() -> None:
    people = [{"name": f"p{number}", "target": number} for number in range(500)]
    with pytest.raises(UsageError, match="and 480 more must be text"):
        check_text({"people": people}, SPECS["mimcm_enrolments"])

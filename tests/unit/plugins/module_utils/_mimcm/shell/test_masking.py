# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret option is masked in what Ansible shows, and nothing that the next task uses is altered."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.parameters import remove_values
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell import masking
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.masking import masked_result, returns_secret

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


@pytest.mark.parametrize("secret", ["4209", "00420917", "0", "/srv"])
def test_a_hidden_result_is_returned_as_it_is(secret: str) -> None:
    result = {"changed": True, "pin": "00420917", "dest": "/srv/00420917.pin", "smartcard_id": ID}
    assert masked_result(result, {secret}, hidden=True) == result


def test_warnings_of_a_hidden_result_are_shown_and_so_masked() -> None:
    result = masked_result({"pin": "1234567", "warnings": ["no 1234567"]}, {"1234567"}, hidden=True)
    assert result["pin"] == "1234567"
    assert "1234567" not in str(result["warnings"])


def test_a_failure_is_shown_and_so_masked() -> None:
    result = masked_result({"failed": True, "msg": "no such s3cret", "smartcard_id": ID}, {"s3cret"}, hidden=True)
    assert "s3cret" not in result["msg"]
    assert result["smartcard_id"] == ID


@pytest.mark.parametrize("secret", ["a9b4", "4", "0600", "file", "True", "bbc0bcd5a099"])
def test_ids_numbers_and_files_are_never_altered(secret: str) -> None:
    file: dict[str, Any] = {"dest": "/srv/a9b4/4.pem", "mode": "0600", "state": "file", "pfx_files": ["/srv/4.pfx"]}
    data: dict[str, Any] = {"uuid": ID, "missing": [ID], "count": 4, "changed": True, "elapsed": 0.4, "none": None}
    assert masked_result({**file, **data}, {secret}, hidden=False) == {**file, **data}


@pytest.mark.parametrize("secret", ["s3cret", 'q"uote', "line\nend", "Müller"])
def test_a_secret_that_is_repeated_is_masked_at_any_depth(secret: str) -> None:
    result = {"requests": [{"uuid": ID, "comment": f"it is {secret}", "data_collection": [{"value": secret}]}]}
    assert secret not in str(masked_result(result, {secret}, hidden=False))
    assert masked_result(result, {"another"}, hidden=False) is result


@pytest.mark.parametrize(
    ("secret", "params", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        ("return_pfx", {}, False),
        ("return_pfx", {"return_pfx": True}, True),
        ("return_pfx", {"return_pfx": "yes"}, True),
        ("return_pfx", {"return_pfx": "no"}, False),
    ],
)
def test_whether_a_result_is_a_secret(secret: Any, params: dict[str, Any], expected: bool) -> None:
    assert returns_secret(secret, params) is expected


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)
SECRETS = st.sets(st.text(min_size=1, max_size=4), max_size=2)


def texts(value: Any) -> Any:
    """Return a value with everything but its texts taken out, because only texts are masked."""
    if isinstance(value, dict):
        return {name: texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [texts(item) for item in value]
    return value if isinstance(value, str) else []


@given(tree=TREES, secrets=SECRETS)
@example(tree=['a "quoted" \\ back\nslash'], secrets={'"quoted" \\ back\n'})
@example(tree={"deep": [{"number": 736214985}]}, secrets={"6214"})
@example(tree=["stra\u00dfe \U0001f600"], secrets={"\u00dfe \U0001f600"})
def test_texts_are_masked_as_ansible_masks_them(tree: Any, secrets: set[str]) -> None:
    result = {"changed": False, "found": tree}
    masked = masked_result(result, secrets, hidden=False)
    assert texts(masked) == remove_values(texts(result), secrets)


def test_a_result_without_a_secret_is_not_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "remove_values", lambda *given: pytest.fail("it was"))
    result = {"requests": [{"comment": "nothing", "priority": 0}]}
    assert masked_result(result, {"hunter2", "0042-0042"}, hidden=False) is result

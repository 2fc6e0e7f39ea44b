# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Nothing leaves the code of a module but a result, and what Ansible prints of it cannot steer a terminal."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import values
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute

SECRET = "s3cret-s3cret"


def raising(error: Exception) -> Any:
    def run(client: Any, params: Any, check_mode: bool) -> Any:
        raise error

    return run


@pytest.mark.parametrize(
    "error", [KeyError(SECRET), OverflowError(SECRET), RecursionError(SECRET), MemoryError(), AssertionError(SECRET)]
)
def test_what_nobody_expected_is_a_failure_that_names_the_place_and_no_secret(error: Exception) -> None:
    result = execute(raising(error), {}, False, lambda params: None)
    assert result["failed"]
    assert f"a fault of this collection: {type(error).__name__} in " in result["msg"]
    assert "report" in result["msg"]
    assert SECRET not in str(result)


def test_the_place_is_the_innermost_one_in_the_collection() -> None:
    def run(client: Any, params: Any, check_mode: bool) -> Any:
        return {"found": values.guids(5, "ids")}  # type: ignore[arg-type]

    assert "guids, values.py, line " in execute(run, {}, False, lambda params: None)["msg"]


def test_a_fault_while_connecting_is_a_failure_too() -> None:
    def connect(params: Any) -> Any:
        raise TypeError(SECRET)

    assert "TypeError" in execute(raising(MimcmError("no")), {}, False, connect)["msg"]


def test_warnings_and_the_diff_cannot_steer_a_terminal() -> None:
    def run(client: Any, params: Any, check_mode: bool) -> Any:
        text = "a\x1b[31mb\n\u202ec\n"
        return {"warnings": [text], "diff": {"before": text, "after": ""}, "name": text}

    result = execute(run, {}, False, lambda params: None)
    assert result["warnings"] == ["a [31mb c "]
    assert result["diff"] == {"before": "a [31mb\n c\n", "after": ""}
    assert result["name"] == "a\x1b[31mb\n\u202ec\n", "what is returned as data is returned as it is"

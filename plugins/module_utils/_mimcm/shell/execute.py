# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the code of a module or action plugin, and return its result or its failure as a dictionary."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, cleaned

Params = Mapping[str, Any]
Result = dict[str, Any]


class Returned(TypedDict, total=False):
    """The keys that any module may return; each adds the keys that it documents."""

    changed: bool
    diff: Mapping[str, Any]
    warnings: list[str]


Run = Callable[[Any, Params, bool], Mapping[str, Any]]
"""A module's own code: client, validated options, check mode; returns the result or raises MimcmError."""
OpenClient = Callable[[Params], Any]
"""Makes the client for the options; may return None for code that needs no client."""


def execute(run: Run, params: Params, check_mode: bool, open_client: OpenClient = connect) -> Result:
    """Return the result of a task. A failure has C(failed), its message, and the details of the error.

    No exception leaves this function: what nobody expected is a failure too, which names the place and not the values.

    Args:
        run: The module's code.
        params: The options, validated against the module's argument spec.
        check_mode: Whether nothing may be changed.
        open_client: Makes the client for the options.
    """
    try:
        result = {"changed": False, **run(open_client(params), params, check_mode)}
    except MimcmError as error:
        result = {"changed": False, "failed": True, "msg": str(error), **error.details}
    except Exception as error:
        # Its text may contain a secret, and so may the values of a traceback.
        result = {"changed": False, "failed": True, "msg": str(_fault(error))}
    return _shown(result)


def _fault(error: Exception) -> MimcmError:
    """Return the error for an exception that should not have happened."""
    return MimcmError(
        f"This is a fault of this collection: {type(error).__name__} in {_place(error.__traceback__)}",
        remedy="please report this sentence at https://github.com/certops/certops.mimcm/issues",
    )


def _place(traceback: TracebackType | None) -> str:
    """Return the innermost place of a traceback that is in this collection."""
    place = "an unknown place"
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if f"{os.sep}certops{os.sep}mimcm{os.sep}" in code.co_filename:
            place = f"{code.co_name}, {os.path.basename(code.co_filename)}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{place}, on Python {python}"


def _shown(result: Result) -> Result:
    """Return a result in which warnings and the diff, which Ansible prints as they are, cannot steer a terminal."""
    if result.get("warnings"):
        result["warnings"] = [cleaned(warning) for warning in result["warnings"]]
    diff = result.get("diff")
    if isinstance(diff, Mapping):
        result["diff"] = {side: _clean_lines(text) if isinstance(text, str) else text for side, text in diff.items()}
    return result


def _clean_lines(text: str) -> str:
    return "".join(f"{cleaned(line)}\n" for line in text.split("\n")).removesuffix("\n")

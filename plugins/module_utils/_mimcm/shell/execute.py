# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the code of a module or action plugin, and return its result or its failure as a dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError

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

    Args:
        run: The module's code.
        params: The options, validated against the module's argument spec.
        check_mode: Whether nothing may be changed.
        open_client: Makes the client for the options.
    """
    try:
        return {"changed": False, **run(open_client(params), params, check_mode)}
    except MimcmError as error:
        return {"changed": False, "failed": True, "msg": str(error), **error.details}

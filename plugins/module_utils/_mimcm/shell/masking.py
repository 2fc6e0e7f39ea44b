# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mask secret options that a result repeats, in what Ansible shows: a result that is hidden anyway is never altered."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Union

from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Result

Secret = Union[bool, str]  # noqa: UP007
"""Whether a module's result is a secret: always, never, or if the option of this name is set."""

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The keys of a result that hold paths and attributes of files, which the next task may use.
_FILES = {"dest", "path", "pfx_files", "mode", "owner", "group", "state"}


def returns_secret(secret: Secret, params: Mapping[str, Any]) -> bool:
    """Return whether the result of a task is a secret.

    Args:
        secret: What the module says of it.
        params: The options of the task.
    """
    return boolean(params.get(secret), strict=False) if isinstance(secret, str) else secret


def masked_result(result: Result, secrets: Collection[str], hidden: bool) -> Result:
    """Return a result in which no secret option is repeated where Ansible shows it.

    Args:
        result: The result of a module's code.
        secrets: The values of the secret options.
        hidden: Whether the result is a secret itself. Unless it is a failure, Ansible shows only its warnings: a PIN in
            which a password occurs is returned as it is.
    """
    if hidden and not result.get("failed"):
        warnings = result.get("warnings")
        return {**result, "warnings": remove_values(warnings, secrets)} if warnings else result
    return _masked(result, secrets) if _repeated(result, secrets) else result


def _repeated(result: Result, secrets: Collection[str]) -> bool:
    """Return whether a result contains a secret; going through 100,000 requests value by value takes seconds."""
    if not secrets:
        return False
    text = json.dumps(result, ensure_ascii=False, default=str)
    return any(json.dumps(secret, ensure_ascii=False)[1:-1] in text for secret in secrets)


def _masked(value: Any, secrets: Collection[str], key: str = "") -> Any:
    """Return a value with secrets masked in its texts. Ids, numbers, and what is said of files are never altered."""
    if isinstance(value, Mapping):
        return {name: _masked(item, secrets, str(name)) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(item, secrets, key) for item in value]
    if isinstance(value, str) and key not in _FILES and not _GUID.fullmatch(value):
        return remove_values(value, secrets)
    return value

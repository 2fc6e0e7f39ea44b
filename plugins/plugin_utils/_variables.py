# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common options from variables: C(mimcm_url) for O(url) and so on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ansible import errors

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import unused_for
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC

# What ansible-core raises from 2.19 on where a variable evaluates to omit.
_OMITTED: Any = getattr(errors, "AnsibleValueOmittedError", ())


def common_options(
    variables: Mapping[str, Any], template: Callable[[Any], Any], own: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the common options that variables set, by option, without evaluating a variable that is not used.

    Args:
        variables: The variables of a task or an expression, as Ansible passes them.
        template: Evaluates a value, because it may have been written as a template.
        own: The options that the task or the expression sets itself. Variables do not count for these, nor for
            credentials that its C(auth_method) does not use.
    """
    first = _set_by(variables, template, {"auth_method"} - set(own))
    method = own.get("auth_method") or first.get("auth_method")
    return {**first, **_set_by(variables, template, set(COMMON_SPEC) - {"auth_method", *own} - unused_for(method))}


def _set_by(variables: Mapping[str, Any], template: Callable[[Any], Any], options: Collection[str]) -> dict[str, Any]:
    names = {option: f"mimcm_{option}" for option in COMMON_SPEC if option in options}
    given = {option: variables[name] for option, name in names.items() if variables.get(name) is not None}
    found = {option: _evaluated(value, template) for option, value in given.items()}
    # Before ansible-core 2.19, omit is a string.
    return {option: value for option, value in found.items() if value is not None and value != variables.get("omit")}


def _evaluated(value: Any, template: Callable[[Any], Any]) -> Any:
    try:
        return template(value)
    except _OMITTED:
        return None

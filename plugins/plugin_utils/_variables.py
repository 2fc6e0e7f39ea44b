# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The common options from variables: C(mimcm_url) for O(url) and so on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC


def common_options(variables: Mapping[str, Any], template: Callable[[Any], Any]) -> dict[str, Any]:
    """Return the common options that variables set, by option.

    Args:
        variables: The variables of a task or an expression, as Ansible passes them.
        template: Evaluates a value, because it may have been written as a template.
    """
    named = {option: f"mimcm_{option}" for option in COMMON_SPEC}
    set_ones = {option: name for option, name in named.items() if variables.get(name) is not None}
    return {option: template(variables[name]) for option, name in set_ones.items()}

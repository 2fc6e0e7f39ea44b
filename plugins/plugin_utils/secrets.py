# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options whose values must not be shown: those that an argument spec marks with no_log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import ArgumentSpec

_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What Ansible's own modules show in such a value's place."""


def secrets_in(params: Mapping[str, Any], argument_spec: ArgumentSpec) -> set[str]:
    """Return the secrets among options, as texts.

    Args:
        params: The options.
        argument_spec: What marks the secret ones.
    """
    values = (params.get(name) for name, spec in argument_spec.items() if spec.get("no_log"))
    return {str(value) for value in values if value not in (None, "")}


def masked(params: Mapping[str, Any], argument_spec: ArgumentSpec) -> dict[str, Any]:
    """Return options as they may be shown.

    Args:
        params: The options.
        argument_spec: What marks the secret ones.
    """
    return {
        name: _MASK if value is not None and argument_spec.get(name, {}).get("no_log") else value
        for name, value in params.items()
    }

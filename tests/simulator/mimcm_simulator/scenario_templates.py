# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile templates of a scenario."""

from __future__ import annotations

from typing import Any

from .readers import (
    Reader,
    ScenarioError,
    boolean,
    fields,
    hexadecimal,
    items,
    optional_text,
    pin,
    read_guid,
    text,
    whole,
)
from .templates import POLICIES, DataItem, Policy, SmartcardConfiguration, Template

DATA_ITEM: dict[str, Reader] = {"name": text, "required": boolean, "default": optional_text}
CONFIGURATION: dict[str, Reader] = {"admin_key": hexadecimal(48), "diversify": boolean}


def _data_collection(value: Any, where: str) -> tuple[DataItem, ...]:
    return tuple(
        DataItem(**fields(item, f"{where}[{index}]", DATA_ITEM, required=("name",)))
        for index, item in enumerate(items(value, where))
    )


POLICY: dict[str, Reader] = {
    "enabled": boolean,
    "approvals_needed": whole(0, 100),
    "collect_comments": boolean,
    "collect_priority": boolean,
    "enrollment_agent": boolean,
    "data_collection": _data_collection,
    "short_name": boolean,
}


def _policies(value: Any, where: str) -> dict[str, Policy]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where} must be a mapping.")
    for name in value:
        if name not in POLICIES:
            raise ScenarioError(f"{where} has the unknown key {name!r}; known are {', '.join(POLICIES)}.")
    return {
        name: Policy(**fields({} if item is None else item, f"{where}.{name}", POLICY)) for name, item in value.items()
    }


def _configuration(value: Any, where: str) -> SmartcardConfiguration:
    return SmartcardConfiguration(**fields(value, where, CONFIGURATION))


TEMPLATE: dict[str, Reader] = {
    "id": read_guid,
    "name": text,
    "description": text,
    "smartcard": boolean,
    "virtual": boolean,
    "certificate_template": text,
    "key_size": whole(512, 16384),
    "subject": text,
    "pin": pin,
    "certificates": whole(1, 20),
    "server_generated": boolean,
    "forbidden": boolean,
    "policies": _policies,
    "smartcard_configuration": _configuration,
}


def read_template(value: Any, where: str) -> Template:
    return Template(**fields(value, where, TEMPLATE, required=("id", "name")))

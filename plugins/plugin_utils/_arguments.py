# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task's arguments as its module would receive them, by Ansible's own way of sending them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common import json as ansible_json


class NotSendable(Exception):
    """The arguments contain something that Ansible cannot send to a module."""


def as_sent(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments as a module would receive them: plain JSON values instead of the templating engine's types.

    Raises:
        NotSendable: Ansible cannot send them.
    """
    try:
        received: dict[str, Any] = json.loads(json.dumps(dict(arguments), **_ENCODER))
    except Exception as error:  # Whatever it is, Ansible meets it as well, and says it.
        raise NotSendable from error
    return received


def _encoder() -> dict[str, Any]:
    """Return the arguments with which Ansible calls json.dumps() for a module."""
    if hasattr(ansible_json, "get_module_encoder"):
        # From ansible-core 2.19 on; "legacy" is the way for modules that name none.
        direction = ansible_json.Direction.CONTROLLER_TO_MODULE
        return {"cls": ansible_json.get_module_encoder("legacy", direction)}
    return {"cls": ansible_json.AnsibleJSONEncoder, "vault_to_text": True}


_ENCODER = _encoder()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One client for all items of a task: connections and logins are kept in this process, never on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC

_CLIENTS: dict[tuple[Any, ...], Client] = {}


def shared_client(params: Mapping[str, Any]) -> Client:
    """Return the client for the common options, the same one for the same options.

    A forked process opens its own client, because two processes must not use one connection.

    Args:
        params: The options of a module or a lookup, validated.
    """
    key = (os.getpid(), *(params.get(name) for name in COMMON_SPEC))
    if key not in _CLIENTS:
        _CLIENTS[key] = connect(params)
    return _CLIENTS[key]

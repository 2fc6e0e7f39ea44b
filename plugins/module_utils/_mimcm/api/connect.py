# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a client of the API from the common options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.calls import Transport
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import adfs, choose


def connect(params: Mapping[str, Any]) -> Client:
    """Return a client of the API for the common options.

    Raises:
        UsageError: An option is invalid, or options contradict each other.
        MissingLibrary: A Python library is missing.
    """
    connection, login = options.connection(params), options.login(params)
    credentials = adfs.sign_in(connection, login) if login.method == "adfs" else choose.credentials(login)
    return Client(Transport(connection, credentials))

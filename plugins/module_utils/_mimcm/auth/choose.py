# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Choose the credentials for a login's auth_method."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth.fixed import Fixed
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth.windows import MECHANISMS, WindowsCredentials
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Login
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.credentials import Credentials


def credentials(login: Login) -> Credentials:
    """Return the credentials for a login.

    Raises:
        MissingLibrary: The method needs a Python library that is not installed.
    """
    if login.method in MECHANISMS:
        return WindowsCredentials(login)
    return Fixed(login.method, f"Bearer {login.token}" if login.method == "token" else None, login.secrets)

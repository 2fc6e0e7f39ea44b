# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action shell of certops.mimcm.mimcm_smartcard_challenge."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.modules import mimcm_smartcard_challenge
from ansible_collections.certops.mimcm.plugins.plugin_utils._action_shell import ActionShell


class ActionModule(ActionShell):
    """Runs the module mimcm_smartcard_challenge."""

    module = mimcm_smartcard_challenge

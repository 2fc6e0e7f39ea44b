# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Worlds that tests of several modules need."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.tests.unit.helpers import control
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.cards import CARD, CARD_ID, REQUEST


@pytest.fixture
def active(server: Any) -> Any:
    """A request about a card that is active."""
    scenario = {
        "requests": [{"id": REQUEST, "type": "Retire", "status": "Approved", "smartcard": CARD}],
        "smartcards": [{"id": CARD, "card_id": CARD_ID, "status": "Active"}],
    }
    control(server, "scenario", scenario, "PUT")
    return server

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A secret is recognised in whatever way it is written."""

from __future__ import annotations

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import repeats
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.support.written_secret import (
    SECRET,
    WRITTEN,
)

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


@pytest.mark.parametrize("way", WRITTEN)
def test_a_secret_is_recognised(way: str) -> None:
    assert repeats(f"No such token: {WRITTEN[way]} (or so)", [SECRET])


@pytest.mark.parametrize("text", ["", "The request was denied.", ID, "Unauthorized token", "0" * 500])
def test_other_texts_are_passed_on(text: str) -> None:
    assert not repeats(text, [SECRET, ""])

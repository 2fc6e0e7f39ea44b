# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is read for the rules."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance import gather
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import CERTIFICATE


@pytest.mark.parametrize("history", [{"c1": True, "c2": False}, {"c1": False, "c2": True}])
def test_a_recovered_certificate_is_not_only_history(history: dict[str, bool]) -> None:
    kinds = {"certificate", "smartcard", "profile"}
    world = gather.gather(_Listing(history), kinds, "all", {"certificate": []})  # type: ignore[arg-type]
    (found,) = world["certificate"]
    assert found["is_key_history"] is False


class _Listing:
    """Two cards with the same certificate, which is key history on some; each card is listed twice."""

    def __init__(self, history: dict[str, bool]) -> None:
        self.history = history

    def reading_several(self) -> AbstractContextManager[None]:
        return nullcontext()

    def list_requests(self) -> list[dict[str, Any]]:
        return []

    def list_smartcards(self) -> list[dict[str, Any]]:
        return [{"uuid": card, "status": "Active"} for card in [*self.history, *self.history]]

    def list_profiles(self) -> list[dict[str, Any]]:
        return []

    def list_certificates(self) -> list[dict[str, Any]]:
        return []

    def list_smartcard_certificates(self, card: str) -> list[dict[str, Any]]:
        return [{**CERTIFICATE.empty(), "thumbprint": "AA", "is_key_history": self.history[card]}]

    list_profile_certificates = list_smartcard_certificates

    def each(self, read: Any, ids: list[str]) -> list[tuple[str, Any]]:
        assert len(ids) == len(set(ids))
        return [(item_id, read(item_id)) for item_id in ids]

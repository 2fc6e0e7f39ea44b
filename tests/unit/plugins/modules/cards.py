# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A documented request and the card that it is about."""

from __future__ import annotations

REQUEST = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
CARD = "17cf063d-e337-4aa9-a822-346554ddd3c9"
CARD_ID = "bc88f13f-83ba-4037-8262-46eba1291c6e"

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options with which a card identifies itself."""

from __future__ import annotations


class ModuleDocFragment:
    """The fragments certops.mimcm.smartcard and certops.mimcm.smartcard.challenge."""

    DOCUMENTATION = r"""
options:
  card_id:
    description:
      - The card's own id, a GUID. The card's serial number is this id in braces. It is not the card's C(Uuid), which is
        new each time the card is assigned.
    type: str
  atr:
    description:
      - The card's answer to reset, in hexadecimal.
    type: str
"""

    CHALLENGE = r"""
options:
  challenge:
    description:
      - The challenge that the card issued, in hexadecimal or in base64. It is sent to the server in base64.
      - Put it in quotes. Digits alone are a number for YAML, which may be another one than was written, so a number is
        refused.
    type: str
  challenge_encoding:
    description:
      - The encoding of O(challenge).
      - V(auto) means hexadecimal if it consists of pairs of hexadecimal digits, optionally with spaces, colons or
        dashes between them, and base64 otherwise.
    type: str
    choices: [auto, hex, base64]
    default: auto
"""

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetch proposed PINs in an expression."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mimcm_smartcard_pin
short_description: Fetch the PIN that MIM CM proposes for a smart card
version_added: 0.1.0
description:
  - Returns the PIN that the server proposes for each smart card.
  - Ansible cannot tell that an expression contains a PIN. Set C(no_log=true) on each task that uses the lookup, or use
    the module M(certops.mimcm.mimcm_smartcard_pin), which hides the PIN by itself.
  - A lookup runs on the controller, and runs again each time the expression is evaluated.
extends_documentation_fragment:
  - certops.mimcm.smartcard
  - certops.mimcm.smartcard.challenge
  - certops.mimcm.connection
  - certops.mimcm.connection.plugins
  - certops.mimcm.auth
  - certops.mimcm.auth.plugins
requirements:
  - requests >= 2.28, with urllib3 >= 1.26.12
  - pyspnego >= 0.10.2 for O(auth_method=negotiate), O(auth_method=kerberos) and O(auth_method=ntlm); with the extra
    C(kerberos) for Kerberos
options:
  _terms:
    description:
      - The ids of the smart cards (their C(Uuid), a GUID).
    type: list
    elements: str
    required: true
  request_id:
    description:
      - The id of the request under which to fetch the PIN. If the server does not know that address, the PIN is fetched
        by the card alone.
    type: str
seealso:
  - module: certops.mimcm.mimcm_smartcard_pin
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Write a letter with the PIN of a card
  ansible.builtin.copy:
    content: |
      Your new smart card has the PIN {{ lookup('certops.mimcm.mimcm_smartcard_pin', smartcard_id, url=server) }}.
      Please change it soon.
    dest: "{{ lookup('ansible.builtin.env', 'HOME') }}/letter.txt"
    mode: "0600"
  vars:
    server: https://cm.contoso.com
    smartcard_id: c6bad97c-f97f-4920-8947-be980c98c6b5
  diff: false
  no_log: true
"""

RETURN = r"""
_raw:
  description:
    - The PINs, each as a string, because leading zeros count; null if the profile template leaves the PIN to the user.
  type: list
  elements: str
"""

from typing import Any

from ansible.plugins.lookup import LookupBase

from ansible_collections.certops.mimcm.plugins.modules.mimcm_smartcard_pin import run
from ansible_collections.certops.mimcm.plugins.plugin_utils._lookups import ids_of, options_of, run_lookup


class LookupModule(LookupBase):
    """The lookup certops.mimcm.mimcm_smartcard_pin."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[str | None]:
        """Return the PIN of each card."""
        options = options_of(self, variables, kwargs)
        return [
            run_lookup(
                "certops.mimcm.mimcm_smartcard_pin",
                run,
                {**options, "smartcard_id": smartcard_id, "dest": None, "mode": None},
            )["pin"]
            for smartcard_id in ids_of(terms)
        ]

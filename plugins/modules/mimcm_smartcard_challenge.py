#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetch the response to the challenge of a smart card."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_smartcard_challenge
short_description: Get the response to a smart card's challenge from MIM CM
version_added: 0.2.0
description:
  - Returns the server's response to the challenge that a smart card issued. With the response, a program authenticates
    to the card as its administrator, for example to set a PIN.
  - The response is never printed. The task's output is hidden as with C(no_log=true), at any verbosity and in loops,
    but the registered variable still contains the response. A failed task shows its message, which never contains the
    response.
  - Values that are computed from the registered variable are not protected; set C(no_log=true) on tasks that use them.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.smartcard
  - certops.mimcm.smartcard.challenge
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  async:
    support: none
    details:
      - The result of an asynchronous task is kept in a file and printed when it is collected, so the task fails.
options:
  request_id:
    description:
      - The id (a GUID) of the request under which the card is handled.
    type: str
    required: true
  smartcard_id:
    description:
      - The smart card's id (its C(Uuid), a GUID), as in
        RV(certops.mimcm.mimcm_request_info#module:requests[].new_smartcard_uuid).
    type: str
    required: true
  card_id:
    required: true
  challenge:
    required: true
  diversified:
    description:
      - Whether the card already has its own admin key, rather than the profile template's default one.
    type: bool
    default: false
seealso:
  - module: certops.mimcm.mimcm_smartcard_admin_key
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Get the response to a challenge that the card's tool printed in hexadecimal
  certops.mimcm.mimcm_smartcard_challenge:
    url: https://cm.contoso.com
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    smartcard_id: 17cf063d-e337-4aa9-a822-346554ddd3c9
    card_id: bc88f13f-83ba-4037-8262-46eba1291c6e
    challenge: D61143F9CCFFD2CA
    diversified: false
  register: answer

- name: Send the response to the card
  ansible.builtin.command:
    argv: [card-tool, authenticate, "{{ answer.response_hex }}"]
  changed_when: true
  no_log: true
"""

RETURN = r"""
response:
  description: The response in base64, as the server returns it. Null if it has none. Never printed.
  returned: success
  type: str
  sample: F0Zudm4wPLY=
response_hex:
  description: The same bytes in hexadecimal. Never printed.
  returned: success
  type: str
  sample: 17466e766e303cb6
challenge:
  description: O(challenge) as it was understood.
  returned: success
  type: dict
  contains:
    encoding:
      description: V(hex) or V(base64).
      type: str
    base64:
      description: The challenge as sent to the server.
      type: str
    hex:
      description: The same bytes in hexadecimal.
      type: str
  sample: {encoding: hex, base64: 1hFD+cz/0so=, hex: d61143f9ccffd2ca}
smartcard_id:
  description: The smart card's id, in lower case without braces.
  returned: success
  type: str
  sample: 17cf063d-e337-4aa9-a822-346554ddd3c9
"""

from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import answered_bytes, binary, guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import (
    CHALLENGE_SPEC,
    COMMON_SPEC,
    own_options,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    **CHALLENGE_SPEC,
    "request_id": {"type": "str", "required": True},
    "smartcard_id": {"type": "str", "required": True},
    "card_id": {"type": "str", "required": True},
    "challenge": {"type": "str", "required": True},
    "diversified": {"type": "bool", "default": False},
}

RETURNS_SECRET = True
"""Makes the action shell hide the task's output, which a module itself cannot do."""


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    request_id: str
    smartcard_id: str
    card_id: str
    atr: str | None
    challenge: str
    challenge_encoding: str
    diversified: bool


class Result(Returned):
    """The module's result."""

    response: str | None
    response_hex: str | None
    challenge: dict[str, Any]
    smartcard_id: str


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the response to the challenge."""
    options = own_options(Options, params)
    request_id, card_id = guid(options.request_id, "request_id"), guid(options.card_id, "card_id")
    smartcard_id = guid(options.smartcard_id, "smartcard_id")
    challenge = binary(options.challenge, options.challenge_encoding, "challenge")
    answer = client.get_authentication_response(
        request_id, smartcard_id, card_id, challenge.base64, options.diversified, options.atr
    )
    response = answered_bytes(answer, "authentication response")
    return {
        "response": response.base64 if response else None,
        "response_hex": response.hex if response else None,
        "challenge": asdict(challenge),
        "smartcard_id": smartcard_id,
    }


def main() -> None:
    run_module(ARGUMENT_SPEC, run, secret=RETURNS_SECRET)


if __name__ == "__main__":
    main()

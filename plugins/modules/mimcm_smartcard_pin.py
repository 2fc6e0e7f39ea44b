#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetch the PIN that the server proposes for a smart card."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_smartcard_pin
short_description: Fetch the PIN that MIM CM proposes for a smart card
version_added: 0.1.0
description:
  - Returns the PIN that the server proposes for a smart card, and optionally writes it to a file.
  - The PIN is never printed. The task's output is hidden as with C(no_log=true), at any verbosity, in loops and in
    diffs, but the registered variable still contains the PIN. A failed task shows its message, which never contains the
    PIN.
  - Values that are computed from the registered variable are not protected; set C(no_log=true) on tasks that use them.
extends_documentation_fragment:
  - ansible.builtin.files
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.smartcard
  - certops.mimcm.smartcard.challenge
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - The PIN is fetched, which changes nothing on the server; O(dest) is compared but not written.
  diff_mode:
    support: full
    details:
      - The diff shows the state and the mode of O(dest), never its content. It is in the registered variable; on the
        screen, it is hidden with the rest of the output.
  async:
    support: none
    details:
      - The result of an asynchronous task is kept in a file and printed when it is collected, so the task fails.
options:
  smartcard_id:
    description:
      - The smart card's id (its C(Uuid), a GUID), as in
        RV(certops.mimcm.mimcm_request_info#module:requests[].new_smartcard_uuid).
    type: str
    required: true
  request_id:
    description:
      - The id of the request under which to fetch the PIN. If the server does not know that address, the PIN is fetched
        by the card alone.
    type: str
  dest:
    description:
      - A file to write the PIN to, on the host where the task runs. It contains the PIN without a line ending. Its
        folder must exist.
      - It is written atomically, and only if the content or the mode differs.
      - A symbolic link is replaced, not followed. A FIFO, a socket or a device, a link to one, and a path in C(/dev),
        C(/proc) or C(/sys) is refused before the PIN is fetched.
      - If the profile template leaves the PIN to the user, the file is not touched.
    type: path
  mode:
    description:
      - The permissions of O(dest), as an octal number in quotes, or symbolic.
    type: raw
    default: "0600"
notes:
  - File options other than an octal O(mode) need Ansible's module code, so the task runs as a module if one of them is
    set.
seealso:
  - plugin: certops.mimcm.mimcm_smartcard_pin
    plugin_type: lookup
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Write the PIN of a card to a file that only its owner can read
  certops.mimcm.mimcm_smartcard_pin:
    url: https://cm.contoso.com
    smartcard_id: c6bad97c-f97f-4920-8947-be980c98c6b5
    dest: "{{ lookup('ansible.builtin.env', 'HOME') }}/card.pin"
  register: card

- name: Show whether there is a PIN
  ansible.builtin.debug:
    msg: "{{ card.pin_available | ternary('The PIN is in ' ~ card.dest, 'The user chooses the PIN') }}"

- name: Fetch a PIN with the card's own data, as some profile templates require
  certops.mimcm.mimcm_smartcard_pin:
    url: https://cm.contoso.com
    smartcard_id: c6bad97c-f97f-4920-8947-be980c98c6b5
    request_id: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
    card_id: 23cadd5f-020d-4c3b-a5ca-307b7a06f9c9
    atr: 3b8d0180fba000000397425446590301c8
    challenge: cfaa62118bbd2500
  register: card
"""

RETURN = r"""
pin_available:
  description: Whether the server proposes a PIN. If the profile template leaves the PIN to the user, it does not.
  returned: success
  type: bool
  sample: true
pin:
  description: The PIN, always as a string, because leading zeros count. Null if there is none. Never printed.
  returned: success
  type: str
  sample: "0042"
dest:
  description: The path in O(dest); null if it is not set.
  returned: success
  type: str
  sample: /home/alice/card.pin
challenge:
  description: O(challenge) as it was understood; null without it.
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
  sample: {encoding: hex, base64: z6piEYu9JQA=, hex: cfaa62118bbd2500}
smartcard_id:
  description: The smart card's id, in lower case without braces.
  returned: success
  type: str
  sample: c6bad97c-f97f-4920-8947-be980c98c6b5
mode:
  description:
    - The permissions of O(dest). C(owner), C(group), C(uid), C(gid), C(size) and C(state) are returned with it.
  returned: when O(dest) exists
  type: str
  sample: "0600"
"""

from dataclasses import asdict, dataclass
from typing import Any

from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import binary, guid, optional_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import (
    CHALLENGE_SPEC,
    COMMON_SPEC,
    own_options,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import (
    file_needs_module,
    run_module,
    set_file_attributes,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import (
    FileFacts,
    check_place,
    file_facts,
    octal_mode,
    write_file,
)

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    **FILE_COMMON_ARGUMENTS,
    "smartcard_id": {"type": "str", "required": True},
    "request_id": {"type": "str"},
    **CHALLENGE_SPEC,
    "dest": {"type": "path"},
    "mode": {"type": "raw", "default": "0600"},
}

RETURNS_SECRET = True
"""Makes the action shell hide the task's output, which a module itself cannot do."""

needs_module = file_needs_module
"""Tells the action shell why these options cannot be carried out in its own process, if so."""


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    smartcard_id: str
    request_id: str | None
    card_id: str | None
    atr: str | None
    challenge: str | None
    challenge_encoding: str
    dest: str | None
    mode: Any


class Result(Returned, FileFacts):
    """The module's result."""

    pin_available: bool
    pin: str | None
    dest: str | None
    smartcard_id: str
    challenge: dict[str, Any] | None


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return the proposed PIN, and write it to a file if dest is set."""
    options = own_options(Options, params)
    smartcard_id = guid(options.smartcard_id, "smartcard_id")
    challenge = binary(options.challenge, options.challenge_encoding, "challenge") if options.challenge else None
    if options.dest:
        check_place(options.dest, "dest")
    pin = client.get_server_proposed_pin(
        smartcard_id,
        request_id=optional_guid(options.request_id, "request_id"),
        atr=options.atr,
        card_id=optional_guid(options.card_id, "card_id"),
        challenge=challenge.base64 if challenge else None,
    )
    result: Result = {
        "pin_available": pin is not None,
        "pin": pin,
        "dest": options.dest,
        "smartcard_id": smartcard_id,
        "challenge": asdict(challenge) if challenge else None,
    }
    if not options.dest:
        return result
    if pin is not None:
        change = write_file(options.dest, pin, octal_mode(options.mode), check_mode)
        result["changed"], result["diff"] = change.changed, change.diff
    return {**result, **file_facts(options.dest)}


def main() -> None:
    run_module(ARGUMENT_SPEC, run, finish=set_file_attributes, secret=RETURNS_SECRET)


if __name__ == "__main__":
    main()

#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get a bearer token once for a whole play."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_login
short_description: Get a bearer token for MIM CM from AD FS, once for a whole play
version_added: 0.2.0
description:
  - Signs in at AD FS and returns a bearer token. Register it with C(run_once=true), and pass it to the tasks that
    follow, so that five hundred hosts do not sign in five hundred times.
  - The token is kept only in the registered variable. It is never printed and never written to disk.
  - Kerberos and NTLM do not need this module; for Kerberos, get a ticket with C(kinit).
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  async:
    support: none
    details:
      - Ansible writes the result of an asynchronous task to a file and prints it, so a task with C(async) fails.
options: {}
notes:
  - O(auth_method) must be V(adfs).
  - Sign in on the controller, with C(delegate_to=localhost), unless AD FS can be reached only from the task's host.
seealso:
  - module: certops.mimcm.mimcm_ping
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Sign in once, with the Kerberos ticket of the user who runs the playbook
  certops.mimcm.mimcm_login:
    url: https://cm.contoso.com
    auth_method: adfs
    adfs_url: https://adfs.contoso.com
    client_id: 2954b462-a5de-4af6-83bc-497cc20bddde
    redirect_uri: https://automation.contoso.com/mimcm
  run_once: true
  delegate_to: localhost
  register: login

- name: Look up a request with the token
  certops.mimcm.mimcm_request_info:
    url: https://cm.contoso.com
    auth_method: token
    token: "{{ login.token }}"
    request_ids: "{{ request_id }}"

- name: Wait for longer than the token's lifetime
  certops.mimcm.mimcm_request_wait:
    url: https://cm.contoso.com
    auth_method: adfs
    adfs_url: https://adfs.contoso.com
    client_id: 2954b462-a5de-4af6-83bc-497cc20bddde
    redirect_uri: https://automation.contoso.com/mimcm
    token: "{{ login.token }}"
    refresh_token: "{{ login.refresh_token }}"
    request_ids: "{{ request_id }}"
    wait_timeout: 28800
"""

RETURN = r"""
token:
  description: The bearer token, for O(token). It is never printed.
  returned: success
  type: str
  sample: eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl
refresh_token:
  description: The refresh token, for O(refresh_token); null if AD FS gives none. It is never printed.
  returned: success
  type: str
  sample: null
expires_in:
  description: The lifetime of the token in seconds; null if AD FS does not say.
  returned: success
  type: int
  sample: 3600
expires_at:
  description: When the token expires, by the clock of the host where the task ran; null if AD FS does not say.
  returned: success
  type: str
  sample: "2026-03-02T10:15:00Z"
"""

import datetime

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module

ARGUMENT_SPEC = COMMON_SPEC
RETURNS_SECRET = True

# A century: a longer time added to a date could exceed the range of dates.
_LONGEST = 3.2e9


class Result(Returned):
    """The module's result."""

    token: str
    refresh_token: str | None
    expires_in: int | None
    expires_at: str | None


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Return a new token."""
    token = client.acquire_token()
    lifetime = None if token.lifetime is None else int(min(token.lifetime, _LONGEST))
    return {
        "token": token.access,
        "refresh_token": token.refresh,
        "expires_in": lifetime,
        "expires_at": None if lifetime is None else _after(lifetime),
    }


def _after(seconds: int) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> None:
    run_module(ARGUMENT_SPEC, run, secret=RETURNS_SECRET)


if __name__ == "__main__":
    main()

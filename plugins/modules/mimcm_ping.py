#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find out why a MIM CM server cannot be used."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_ping
short_description: Find out why a MIM CM server cannot be reached or why signing in fails
version_added: 0.2.0
description:
  - Checks, one after the other, the Python libraries, the address, the connection, TLS, the sign-in methods that the
    server offers, the clocks, Kerberos, signing in, and the API. It returns what each check found and what to do about
    it.
  - It does not fail because of the problems that it reports; RV(ok) says whether there are any. As with all modules,
    invalid options are an error.
  - It signs in once, with the given credentials. A wrong password counts against the account like any other failed
    sign-in.
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.attributes.info_module
  - certops.mimcm.connection
  - certops.mimcm.auth
options: {}
seealso:
  - module: certops.mimcm.mimcm_login
  - module: certops.mimcm.mimcm_request_info
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Find out what is wrong
  certops.mimcm.mimcm_ping:
    url: https://cm.contoso.com
  register: ping

- name: Show the problems
  ansible.builtin.debug:
    var: ping.problems

- name: Stop a play before it begins
  ansible.builtin.assert:
    that: ping.ok
    fail_msg: "{{ ping.problems | join(' ') }}"
"""

RETURN = r"""
ok:
  description: Whether no check found a problem.
  returned: success
  type: bool
  sample: false
problems:
  description: A sentence for each problem, with its remedy, in the order in which to fix them.
  returned: success
  type: list
  elements: str
  sample:
    - Port 443 of cm.contoso.com cannot be reached. Check url, firewalls, and that the server is running.
findings:
  description: The check results.
  returned: success
  type: list
  elements: dict
  contains:
    check:
      description:
        - The check's name, one of V(libraries), V(address), V(connection), V(tls), V(offers), V(clock), V(kerberos),
          V(sign_in) and V(api).
      type: str
    status:
      description: V(ok), V(warning), V(problem), or V(skipped) if the check could not be made or was not needed.
      type: str
    finding:
      description: What the check found, in words.
      type: str
    remedy:
      description: What to do about it; null if there is nothing to do.
      type: str
    details:
      description:
        - The same as data, with different keys for each check; for example the versions for V(libraries), or the
          subject, issuer, names and expiry date of the certificate for V(tls).
      type: dict
  sample:
    - check: connection
      status: ok
      finding: Port 443 answers after 2 ms
      remedy: null
      details: {ms: 2}
"""

import dataclasses
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.case import PROBLEM, CheckResult
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.checks import diagnose
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module

ARGUMENT_SPEC = COMMON_SPEC


class Result(Returned):
    """The module's result."""

    ok: bool
    problems: list[str]
    findings: list[dict[str, Any]]


def open_client(params: Params) -> None:
    """Return no client, because this module reports the errors that would prevent making one."""


def run(client: None, params: Params, check_mode: bool) -> Result:
    """Return the results of all checks."""
    results = diagnose(params)
    problems = [_sentences(result) for result in results if result.status == PROBLEM]
    return {
        "ok": not problems,
        "problems": problems,
        "findings": [dataclasses.asdict(result) for result in results],
    }


def _sentences(result: CheckResult) -> str:
    return f"{result.finding}." + (f" {result.remedy}." if result.remedy else "")


def main() -> None:
    run_module(ARGUMENT_SPEC, run, open_client=open_client)


if __name__ == "__main__":
    main()

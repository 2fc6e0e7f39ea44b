#!/usr/bin/python

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check requests, smart cards, profiles and certificates against a compliance policy."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mimcm_compliance
short_description: Check what MIM CM holds against a compliance policy
version_added: 0.2.0
description:
  - Reads requests, smart cards, profiles and certificates once, applies the rules of a compliance policy to them, and
    returns the findings. It changes nothing on the server.
  - Each finding has a rule, an object, a reason, and a fingerprint that stays the same in later runs.
  - With O(report), a later run shows which findings are new and which are resolved. O(baseline) accepts known findings,
    so that only other findings fail the task.
  - For a page that people can read, use the role P(certops.mimcm.compliance_report#role).
extends_documentation_fragment:
  - certops.mimcm.attributes
  - certops.mimcm.attributes.actiongroup_mimcm
  - certops.mimcm.connection
  - certops.mimcm.auth
attributes:
  check_mode:
    support: full
    details:
      - It writes no files and does not check whether it could write them. Otherwise, it fails as it would in a real
        run.
  diff_mode:
    support: full
    details:
      - The diff lists the findings before and after.
  async:
    support: full
requirements:
  - jmespath >= 1.0
options:
  policy:
    description:
      - The rules. Those that come with the collection apply unless the compliance policy changes them.
      - They are C(pending-too-long), C(approved-not-executed), C(executing-too-long), C(failed-or-denied),
        C(missing-data-collection), C(enrollment-agent-needed), C(certificate-expired), C(certificate-expires-soon),
        C(certificate-template), C(smartcard-disabled-assigned), C(smartcard-without-request),
        C(unknown-request-status), C(unknown-smartcard-status) and C(unknown-profile-status).
    type: dict
    default: {}
    suboptions:
      defaults:
        description:
          - Whether the rules that come with the collection apply. With V(false), only those in O(policy.rules) do.
        type: bool
        default: true
      rules:
        description:
          - Changes to rules that come with the collection, and your own rules, by the rule's name. A name consists of
            up to 64 letters, digits, dots, dashes and underscores.
          - C(title) is a short title. C(severity) is one of V(critical), V(high), V(medium), V(low), V(info); the
            default is V(medium). C(enabled) can switch a rule off.
          - C(about) is the kind of object that the rule checks, one of V(request), V(smartcard), V(profile),
            V(certificate).
          - C(select) is a L(JMESPath,https://jmespath.org) expression over the list of all objects of this kind, as the
            info modules return them; it returns the ones to report. In addition, a request has C(open), C(age_days) and
            C(age_hours) since it was submitted, C(ended_days) since it ended, and C(lacks_data); a smart card has
            C(has_completed_request) and C(has_open_request); a certificate has C(expired), C(days_left),
            C(smartcard_uuid) and C(profile_uuid).
          - C(parameters) are values for C(select) and C(reason), which refer to them as C($name).
          - C(reason) is a sentence about the object, in which C($name) can also be any key of the object. Write C($$)
            for a literal dollar sign.
        type: dict
        default: {}
  certificates:
    description:
      - V(all) reads the certificates of each smart card and profile that is neither New nor Retired, with one call for
        each, in parallel. V(own) reads only those of the account that signs in, with one call.
      - The API tells when a certificate expires only for the account's own; for others, the expiry rules find nothing.
    type: str
    choices: [all, own]
    default: all
  report:
    description:
      - A file for the result as JSON. The next run compares its findings with this file, and programs can read it.
      - An existing file that is not such a result is not overwritten.
      - As with the other files that are written, a symbolic link is replaced, not followed. A FIFO, a socket or a
        device, a link to one, and a path in C(/dev), C(/proc) or C(/sys) is refused before the server is asked.
    type: path
  junit:
    description:
      - A file for the result as JUnit XML. Each finding is a failed case, or a skipped one if it is accepted; a rule
        without findings is a passed case.
    type: path
  sarif:
    description:
      - A file for the findings in SARIF 2.1.0.
    type: path
  csv:
    description:
      - A file for the findings as comma-separated values (CSV), in UTF-8 with a byte order mark, by which spreadsheets
        recognise it.
      - Where a spreadsheet could take the beginning of a cell, or what follows a semicolon, a tab, a bar or a line end
        in it, for a formula, an apostrophe stands before it.
    type: path
  baseline:
    description:
      - A file listing accepted findings. They are still reported but never fail the task.
      - Use a copy of an earlier O(report), or a JSON list of fingerprints. If the file does not exist, no finding is
        accepted.
    type: path
  fail_on:
    description:
      - Fail if any finding that is not accepted has at least this severity. The files are written first.
    type: str
    choices: [critical, high, medium, low, info, never]
    default: never
  on_unreadable:
    description:
      - What to do if the certificates of a smart card or profile cannot be read, for example because the account may
        not read them, while others can.
      - V(fail) fails after the files are written. V(report) only returns them in RV(unreadable), with a warning.
      - A list that cannot be read always fails the task, because hardly anything could be checked.
    type: str
    choices: [fail, report]
    default: fail
  mode:
    description:
      - The permissions of the files, as an octal number in quotes.
    type: str
    default: "0600"
notes:
  - Files keep their content as long as runs see the same findings and the same numbers. RV(generated) is when these
    were first seen.
  - The task reports C(changed) only if findings appeared or disappeared. If only numbers change, the files are updated
    all the same.
  - The API does not tell when a request was approved or when its execution began. Its age counts from when it was
    submitted.
  - A request counts as lacking data if the server says that its data collection is not complete, and either an item has
    no value, or there are fewer items than the workflow policy of its profile template collects, or that policy cannot
    be read. To find out, the workflow policy of each profile template is read once.
seealso:
  - module: certops.mimcm.mimcm_request_info
  - module: certops.mimcm.mimcm_certificate_info
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Check everything, and fail for critical findings that are not in the baseline
  certops.mimcm.mimcm_compliance:
    url: https://cm.contoso.com
    report: mimcm-report.json
    junit: mimcm-junit.xml
    baseline: mimcm-baseline.json
    fail_on: critical

- name: Make one rule stricter, switch another off, and add one
  certops.mimcm.mimcm_compliance:
    url: https://cm.contoso.com
    policy:
      rules:
        pending-too-long:
          severity: high
          parameters: {days: 2}
        enrollment-agent-needed:
          enabled: false
        urgent-request-waits:
          title: Urgent requests that wait for an approver
          about: request
          severity: high
          parameters: {hours: 4}
          select: "[?status == 'Pending' && priority < `10` && age_hours > $hours]"
          reason: It has priority $priority and has waited since $submitted.
  register: compliance

- name: Show the findings
  ansible.builtin.debug:
    msg: "{{ compliance.findings | map(attribute='reason') | list }}"
"""

RETURN = r"""
findings:
  description: The findings, the most severe first.
  returned: when everything was read
  type: list
  elements: dict
  contains:
    rule:
      description: The rule's name.
      type: str
    title:
      description: The rule's title.
      type: str
    severity:
      description: One of V(critical), V(high), V(medium), V(low), V(info).
      type: str
    about:
      description: The kind of object, one of V(request), V(smartcard), V(profile), V(certificate).
      type: str
    object:
      description: The object's id; for a certificate, its thumbprint.
      type: str
    reason:
      description: A sentence that says what is wrong.
      type: str
    fingerprint:
      description: An identifier of the finding that stays the same in later runs.
      type: str
    status:
      description:
        - V(accepted) if the finding is in O(baseline), V(known) if the previous run found it too, otherwise V(new).
        - As long as runs have the same findings, nothing in the result changes. A V(new) finding stays V(new) until
          something changes.
      type: str
    first_seen:
      description: When the finding first appeared, in UTC.
      type: str
    details:
      description: Some properties of the object.
      type: dict
  sample:
    - rule: pending-too-long
      title: Requests that wait too long for an approver
      severity: medium
      about: request
      object: a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099
      reason: It has waited for an approver since 2026-10-01T08:00:00Z; 7 days are allowed.
      fingerprint: 0cd1f2b0a5de7c2df6bd0d3fdb7df8c3
      status: new
      first_seen: "2026-11-25T10:00:00Z"
      details:
        status: Pending
        request_type: Enroll
resolved:
  description:
    - The findings of the previous run that this run did not find. They stay listed as long as runs have the same
      findings.
  returned: when everything was read
  type: list
  elements: dict
  sample: []
failing:
  description: The fingerprints of the findings for which the task fails.
  returned: when everything was read
  type: list
  elements: str
  sample: []
rules:
  description: The rules that were applied, each with the number of its findings.
  returned: when everything was read
  type: list
  elements: dict
  sample:
    - rule: pending-too-long
      title: Requests that wait too long for an approver
      severity: medium
      about: request
      findings: 1
unreadable:
  description:
    - The objects that could not be read in full, with C(about), C(object) (the id) and C(reason). No rule has seen what
      could not be read.
  returned: when the lists were read
  type: list
  elements: dict
  sample: []
summary:
  description:
    - The numbers of requests, smart cards, profiles, certificates and findings, by status, type, age, expiry and
      severity. Null for kinds of objects that no rule is about.
  returned: when everything was read
  type: dict
  sample:
    requests:
      total: 1
      by_status: [{name: Pending, count: 1}]
      by_type: [{name: Enroll, count: 1}]
generated:
  description: When these findings and numbers were first seen, in UTC.
  returned: when everything was read
  type: str
  sample: "2026-11-25T10:00:00Z"
previous_generated:
  description: The RV(generated) of the previous run, to which RV(resolved) refers; null if there was none.
  returned: when everything was read
  type: str
  sample: null
server:
  description: The address of the API.
  returned: when everything was read
  type: str
  sample: https://cm.contoso.com/CertificateManagement/api/v1.0
"""

import datetime
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance import findings
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.check import (
    check,
    failure,
    incomplete,
    lines,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.findings import AppliedRule, Finding
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.formats import FORMATS
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import SEVERITIES, read_policy
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.summary import Summary
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import UnreadableObject
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC, own_options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Params, Returned
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.module import run_module
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import files

LIBRARIES = ("jmespath",)

ARGUMENT_SPEC = {
    **COMMON_SPEC,
    "policy": {"type": "dict", "default": {}},
    "certificates": {"type": "str", "choices": ["all", "own"], "default": "all"},
    "report": {"type": "path"},
    "junit": {"type": "path"},
    "sarif": {"type": "path"},
    "csv": {"type": "path"},
    "baseline": {"type": "path"},
    "fail_on": {"type": "str", "choices": [*SEVERITIES, "never"], "default": "never"},
    "on_unreadable": {"type": "str", "choices": ["fail", "report"], "default": "fail"},
    "mode": {"type": "str", "default": "0600"},
}


@dataclass(frozen=True)
class Options:
    """The module's own options."""

    policy: Mapping[str, Any]
    certificates: str
    report: str | None
    junit: str | None
    sarif: str | None
    csv: str | None
    baseline: str | None
    fail_on: str
    on_unreadable: str
    mode: str

    @property
    def written(self) -> dict[str, str]:
        """The files to write, by the option that names them."""
        given = {"report": self.report, "junit": self.junit, "sarif": self.sarif, "csv": self.csv}
        return {option: path for option, path in given.items() if path}


class Result(Returned):
    """The module's result."""

    generated: str
    previous_generated: str | None
    server: str
    findings: list[Finding]
    resolved: list[Finding]
    rules: list[AppliedRule]
    summary: Summary
    unreadable: list[UnreadableObject]
    failing: list[str]


def run(client: Client, params: Params, check_mode: bool) -> Result:
    """Check the server against the policy. If a finding fails the task, the error has the result in its details."""
    options = own_options(Options, params)
    rules = read_policy(options.policy)
    mode = _checked_files(options, check_mode)
    previous = findings.read_record(_text(options.report, "report"), options.report or "")
    accepted = findings.read_baseline(_text(options.baseline, "baseline"), options.baseline or "")
    now = datetime.datetime.now(datetime.timezone.utc)
    record, warnings = check(client, rules, options.certificates, previous, accepted, now)
    if not check_mode:
        for option, path in options.written.items():
            files.write_file(path, FORMATS[option](record), mode, check_mode, option)
    before = previous["findings"] if previous else []
    failing = findings.failing(record["findings"], options.fail_on)
    result: Result = {
        "generated": record["generated"],
        "previous_generated": record["previous_generated"],
        "server": record["server"],
        "findings": record["findings"],
        "resolved": record["resolved"],
        "rules": record["rules"],
        "summary": record["summary"],
        "unreadable": record["unreadable"],
        "failing": failing,
        "changed": bool(options.report) and findings.differ(before, record["findings"]),
        "diff": {"before": lines(before), "after": lines(record["findings"])},
        "warnings": [*_missing_baseline(options.baseline), *warnings],
    }
    if record["unreadable"]:
        error = incomplete(record["unreadable"])
        if options.on_unreadable == "fail":
            raise error.with_details(result)
        result["warnings"].append(str(error))
    if failing:
        raise failure(record["findings"], failing, options.fail_on).with_details(result)
    return result


def _checked_files(options: Options, check_mode: bool) -> int:
    """Return the mode of the files; refuse files that cannot be written before the server is asked."""
    mode = files.octal_mode(options.mode)
    if mode is None or not 0 <= mode <= 0o7777:
        raise UsageError("mode must be an octal number in quotes such as '0600'")
    named = options.written | ({"baseline": options.baseline} if options.baseline else {})
    if len({os.path.abspath(path) for path in named.values()}) < len(named):
        raise UsageError(f"{', '.join(named)} must be different files")
    if not check_mode:
        for option, path in options.written.items():
            files.check_place(path, option)
    return mode


def _text(path: str | None, option: str) -> str | None:
    return files.read_text(path, option) if path and os.path.exists(path) else None


def _missing_baseline(path: str | None) -> list[str]:
    if not path or os.path.exists(path):
        return []
    return [f"baseline: {path} does not exist, so no finding is accepted."]


def main() -> None:
    run_module(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()

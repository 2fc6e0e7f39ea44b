# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the record of a compliance check as JSON, JUnit, SARIF or CSV. No I/O, and no clock."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.findings import Finding, Record

# The characters that XML cannot contain, not even escaped.
_NOT_XML = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_LINK = re.compile(r"[\\\[\]]")
_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_BASELINE = {"new": "new", "known": "unchanged", "accepted": "unchanged"}
_COLUMNS = ("severity", "rule", "title", "about", "object", "status", "reason", "first_seen", "fingerprint")
# Where a cell may begin for a spreadsheet: at the beginning, and after what it may take for a separator, because one
# that does not separate by commas does not see our quotes. A formula may begin there, even after blanks, quotes and
# characters that are never shown, and with a sign of the full width. What is skipped separates nothing, so it is read
# only once.
_SEPARATORS = ";|\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029"
_SKIPPED = "\x00-\x08\x0e-\x1b\x1f \xa0\xad\u1680\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\ufeff\"'`"
_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212"
_FORMULA_AHEAD = re.compile(f"(?:^|(?<=[{_SEPARATORS}]))(?=[{_SKIPPED}]*[{_FORMULA}])")
# Some programs drop these at the beginning of a cell, and then look at what follows.
_DROPPED = ("\t", "\r", "\n")
# Without it, spreadsheets read UTF-8 as the code page of the system.
_BYTE_ORDER_MARK = "\ufeff"


def as_json(record: Record) -> str:
    """Return the record of a check as JSON, for the next check and for other programs."""
    # Keys keep their order, so files made from a record that was read back are the same.
    return json.dumps(record, indent=2, ensure_ascii=False, default=str) + "\n"


def as_junit(record: Record) -> str:
    """Return a JUnit test suite with a case for each finding, which fails, or is skipped if the finding is accepted.

    A rule without findings is one case that passes.
    """
    found: dict[str, list[Finding]] = {rule["rule"]: [] for rule in record["rules"]}
    for one in record["findings"]:
        found[one["rule"]].append(one)
    cases = [case for rule in record["rules"] for case in _cases(rule, found[rule["rule"]])]
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
        "errors": 0,
    }
    attributes = {name: str(value) for name, value in counts.items()}
    suites = ElementTree.Element("testsuites", {"name": "MIM CM compliance", **attributes})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _xml(record["server"]), **attributes})
    suite.extend(cases)
    ElementTree.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(suites, encoding="unicode") + "\n"


def _cases(rule: Mapping[str, Any], found: list[Finding]) -> list[ElementTree.Element]:
    group = f"mimcm.{rule['rule']}"
    if not found:
        return [ElementTree.Element("testcase", {"classname": group, "name": _xml(rule["title"]), "time": "0"})]
    cases = []
    for one in found:
        name = f"{one['about']} {one['object']}"
        case = ElementTree.Element("testcase", {"classname": group, "name": _xml(name), "time": "0"})
        reason = _xml(one["reason"])
        if one["status"] == "accepted":
            ElementTree.SubElement(case, "skipped", {"message": f"accepted by the baseline: {reason}"})
        else:
            failure = ElementTree.SubElement(case, "failure", {"type": one["severity"], "message": reason})
            failure.text = _xml(f"{rule['title']}\n{one['about']} {one['object']}\n{one['fingerprint']}")
        cases.append(case)
    return cases


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", str(text))


def as_sarif(record: Record) -> str:
    """Return the findings in SARIF 2.1.0. Resolved findings have the state C(absent)."""
    index = {rule["rule"]: position for position, rule in enumerate(record["rules"])}
    results = [_result(one, index, _BASELINE[one["status"]]) for one in record["findings"]]
    results += [_result(one, index, "absent") for one in record["resolved"]]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "certops.mimcm",
                        "informationUri": "https://github.com/certops/certops.mimcm",
                        "rules": [_sarif_rule(rule) for rule in record["rules"]],
                    }
                },
                "automationDetails": {"id": "mimcm-compliance/"},
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": rule["rule"],
        "shortDescription": {"text": _plain(rule["title"])},
        "defaultConfiguration": {"level": _LEVELS[rule["severity"]]},
        "properties": {"severity": rule["severity"], "about": rule["about"]},
    }


def _plain(text: str) -> str:
    """Return a text for a message in SARIF, where square brackets make links unless they are escaped."""
    return _LINK.sub(r"\\\g<0>", str(text))


def _result(one: Finding, index: Mapping[str, int], baseline: str) -> dict[str, Any]:
    place = quote(f"{one['about']}s/{one['object']}")
    result = {
        "ruleId": one["rule"],
        # A resolved finding may be of a rule that no longer exists.
        "ruleIndex": index.get(one["rule"], -1),
        "level": _LEVELS[one["severity"]],
        "message": {"text": _plain(f"{one['about']} {one['object']}: {one['reason']}")},
        "locations": [
            {
                # Viewers that show results next to files require a physical location.
                "physicalLocation": {"artifactLocation": {"uri": place}, "region": {"startLine": 1}},
                "logicalLocations": [{"name": one["object"], "fullyQualifiedName": place, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"mimcmFinding/v1": one["fingerprint"]},
        "baselineState": baseline,
        "properties": {"severity": one["severity"], "firstSeen": one["first_seen"]},
    }
    if one["status"] == "accepted":
        result["suppressions"] = [{"kind": "external", "justification": "accepted by the baseline"}]
    return result


def as_csv(record: Record) -> str:
    """Return the findings as CSV, one row each, without anything that a spreadsheet would run as a formula."""
    text = io.StringIO(_BYTE_ORDER_MARK)
    text.seek(0, io.SEEK_END)
    csv.writer(text, lineterminator="\n").writerow(_COLUMNS)
    # All in quotes, so that a semicolon or a tab in a name begins no other column.
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    findings: Iterable[Mapping[str, Any]] = record["findings"]
    writer.writerows([_cell(one[column]) for column in _COLUMNS] for one in findings)
    return text.getvalue()


def _cell(value: Any) -> str:
    """Return a value as text, with an apostrophe, the mark of a text in spreadsheets, before each formula."""
    text = _FORMULA_AHEAD.sub("'", "" if value is None else str(value))
    return f"'{text}" if text.startswith(_DROPPED) else text


FORMATS: dict[str, Callable[[Record], str]] = {
    "report": as_json,
    "junit": as_junit,
    "sarif": as_sarif,
    "csv": as_csv,
}
"""The functions that turn a record into the text of a file, by the option that names the file."""

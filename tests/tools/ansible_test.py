# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs ansible-test in the current folder and makes sure that it tested something.

ansible-test reports success when it skips all targets, when a linter is missing and when an integration target does
not suit the machine. Here all of these are failures.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import targets

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
NOTHING = ("All targets skipped", "No tests found", "No targets")
# The tests of a collection that matter most. If a release renames one, this list has to say so.
SANITY = {"ansible-doc", "compile", "import", "pep8", "pylint", "shellcheck", "validate-modules", "yamllint"}
# pslint needs PowerShell, and the collection has no PowerShell.
MAY_SKIP = {"pslint"}


def run(arguments: list[str]) -> tuple[int, list[str]]:
    """Run it with its output passed on line by line; returns the exit code and the lines without colours."""
    lines = []
    with subprocess.Popen(
        ["ansible-test", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(ESCAPES.sub("", line.rstrip("\n")))
    return process.returncode, lines


def matches(pattern: str, lines: list[str]) -> set[str]:
    return {match.group(1) for match in map(re.compile(pattern).search, lines) if match}


def check_sanity(lines: list[str]) -> tuple[int, list[str]]:
    ran = matches(r'^Running sanity test "([^"]+)"', lines)
    skipped = matches(r'Skipping (?:the )?sanity test "([^"]+)"', lines) - ran - MAY_SKIP
    problems = [f"sanity test {name} did not run" for name in sorted(SANITY - ran)]
    problems += [line for line in lines if line.startswith("WARNING:") and "shellcheck" in line]
    problems += [] if shutil.which("shellcheck") else ["shellcheck is missing"]
    if skipped:
        print(f"skipped by ansible-test: {', '.join(sorted(skipped))}")
    return len(ran), problems


def check_units(lines: list[str]) -> tuple[int, list[str]]:
    reports = Path("tests/output/junit").glob("*-units.xml")
    suites = [suite for report in reports for suite in ElementTree.parse(report).iter("testsuite")]
    total, skipped = (sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", "skipped"))
    return total - skipped, []


def check_integration(lines: list[str]) -> tuple[int, list[str]]:
    ran = matches(r"^Running (\S+) integration test (?:role|script)", lines)
    known = targets.of(Path.cwd())
    expected = known & set(sys.argv[1:]) or known
    return len(ran), [f"integration target {name} did not run" for name in sorted(expected - ran)]


CHECKS: dict[str, Callable[[list[str]], tuple[int, list[str]]]] = {
    "sanity": check_sanity,
    "units": check_units,
    "integration": check_integration,
}


def main() -> int:
    command = sys.argv[1]
    status, lines = run(sys.argv[1:])
    count, problems = CHECKS[command](lines)
    problems += [line for line in lines if any(words in line for words in NOTHING)]
    problems += [] if count else ["no test ran"]
    problems += [f"ansible-test {command} ended with exit code {status}"] if status else []
    for problem in problems:
        print(f"FAILED: {problem}")
    print(f"ansible-test {command}: {count} ran, {'failed' if problems else 'ok'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the session lint runs."""

from __future__ import annotations

from dataclasses import dataclass

from checkout import WORK
from copies import Copy
from nox.command import CommandFailed

# mypy resolves `ansible_collections.certops.mimcm` from here, seen from the collection's folder.
COLLECTIONS = "../../.."


@dataclass(frozen=True)
class Linter:
    command: list[str]
    folder: str = "."
    search: str = ""


def mypy(*what: str, folder: str = ".", search: str = "") -> Linter:
    """mypy of some folders; the search path holds what they import.

    The tools and the servers are started as scripts and import their neighbours by their bare names.
    """
    return Linter(["mypy", *what], folder, search)


LINTERS = {
    "ruff check": Linter(["ruff", "check", "--no-cache", "."]),
    "ruff format": Linter(["ruff", "format", "--no-cache", "--check", "."]),
    "mypy of the plugins": mypy("-p", "ansible_collections.certops.mimcm.plugins", folder=COLLECTIONS, search="."),
    "mypy of the tools": mypy("noxfile.py", "tests/tools", search="tests/tools"),
    "mypy of the simulator": mypy("tests/simulator", search=f"tests/simulator:{COLLECTIONS}"),
    "mypy of the stand-in for AD FS": mypy("tests/adfs", search="tests/adfs:tests/simulator"),
    "mypy of the measurements": mypy(
        *("tests/bench/bench.py", "tests/bench/mimcm_bench/probe.py", "tests/bench/mimcm_bench/meter.py"),
        search=f"tests/bench:tests/adfs:tests/simulator:{COLLECTIONS}",
    ),
    "mypy of the tests of ansible-runner": mypy("tests/runner", search="tests/simulator"),
    "mypy of the tests of pages": mypy("tests/pages", search="tests/pages:tests/simulator"),
    "mypy of the directory": mypy(
        "tests/directory", search=f"tests/directory:tests/adfs:tests/simulator:{COLLECTIONS}"
    ),
    "import contracts": Linter(["python", "tests/tools/contracts.py"]),
    "misspelt keys": Linter(["python", "tests/tools/misspelt_keys.py"]),
    "yamllint": Linter(["yamllint", "--strict", "."]),
    "shellcheck": Linter(["shellcheck", ".ci/run", "tests/tools/debian_packages.sh"]),
    "reuse": Linter(["reuse", "lint", "--lines"]),
}


def run_all(copy: Copy) -> None:
    """Run every linter, also after one has failed."""
    failures = [name for name, linter in LINTERS.items() if not succeeds(copy, linter)]
    if failures:
        copy.session.error(f"failed: {', '.join(failures)}")


def succeeds(copy: Copy, linter: Linter) -> bool:
    program, *arguments = linter.command
    if program == "mypy":
        config = str(copy.collection / "pyproject.toml")
        arguments = ["--config-file", config, "--cache-dir", str(WORK / "cache" / "mypy"), *arguments]
    try:
        copy.run(program, *arguments, folder=copy.collection / linter.folder, env={"MYPYPATH": linter.search})
    except CommandFailed:
        return False
    return True

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks the contracts on imports (.importlinter), and that they notice what they forbid.

A contract that misspells a package, or ignores too much, is kept by every import. So modules with one wrong import each
are put into a copy of the plugins, and the contract has to name every one of them.

Run it in the collection's folder, which must lie below ansible_collections/certops.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import scratch

PLUGINS = "ansible_collections.certops.mimcm.plugins"
MIMCM = f"{PLUGINS}.module_utils._mimcm"


@dataclass(frozen=True)
class Wrong:
    """A module of one line, in a folder of the plugins, and the contract that it breaks."""

    name: str
    folder: str
    line: str
    contract: str


LAYERS = "One way down"
HTTP = "Only the session speaks HTTP"
SHELL = "Only the shell knows Ansible"
HOSTS = "What hosts get knows only ansible.module_utils"
PURE = "What is pure stays pure"
FILTERS = "Filters need no HTTP"

WRONG = [
    Wrong("imports_a_higher_layer", "module_utils/_mimcm/support", f"import {MIMCM}.api", LAYERS),
    Wrong("imports_a_sibling", "module_utils/_mimcm/request", f"import {MIMCM}.smartcard", LAYERS),
    Wrong("has_no_layer", "module_utils/_mimcm", "", LAYERS),
    Wrong("http_beside_the_session", "module_utils/_mimcm/transport", "import requests", HTTP),
    Wrong("http_in_a_module", "modules", "from urllib3 import util", HTTP),
    Wrong("ansible_below_the_shell", "module_utils/_mimcm/api", "from ansible.module_utils import basic", SHELL),
    Wrong("controller_in_the_shell", "module_utils/_mimcm/shell", "import ansible.errors", HOSTS),
    Wrong("controller_in_a_module", "modules", "from ansible import constants", HOSTS),
    Wrong("ansible_in_the_model", "module_utils/_mimcm/model", "import ansible.module_utils.basic", PURE),
    Wrong("http_by_a_detour", "module_utils/_mimcm/waiting", f"import {MIMCM}.transport.session", PURE),
    Wrong("filter_with_http_by_a_detour", "filter", f"from {MIMCM}.transport import session", FILTERS),
]


def check(collection: Path) -> subprocess.CompletedProcess[str]:
    # Wide enough that the names of modules are not broken.
    env = os.environ | {"PYTHONPATH": str(collection.parents[2]), "COLUMNS": "1000"}
    return subprocess.run(
        ["lint-imports", "--no-cache", "--no-logo"],
        cwd=collection,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def check_with(wrong: list[Wrong]) -> str:
    """What is said of a copy of the plugins in the current folder with these modules in it."""
    with tempfile.TemporaryDirectory() as folder:
        collection = Path(folder, scratch.COLLECTION)
        shutil.copytree("plugins", collection / "plugins")
        shutil.copy2(".importlinter", collection)
        for one in wrong:
            (collection / "plugins" / one.folder / f"{one.name}.py").write_text(f"{one.line}\n", encoding="utf-8")
        return check(collection).stdout


def sections(report: str) -> dict[str, str]:
    """The parts of a report by their headings, which are underlined."""
    _before, *parts = re.split(r"^(.+)\n-{3,}\n", report, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def main() -> int:
    result = check(Path.cwd())
    print(result.stdout)
    if result.returncode:
        return 1
    report = check_with(WRONG)
    found = sections(report)
    unnoticed = [wrong for wrong in WRONG if f".{wrong.name}" not in found.get(wrong.contract, "")]
    if unnoticed:
        print(report)
    for wrong in unnoticed:
        print(f"FAILED: {wrong.contract!r} does not notice {wrong.line!r} in {wrong.folder}/{wrong.name}.py")
    print(f"{len(WRONG) - len(unnoticed)} of {len(WRONG)} wrong imports were noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks that mypy finds a misspelt key or option in every module.

Types that are too wide, such as dict[str, Any], let any key pass. So an option and a key are misspelt in each module of
a copy of the plugins, and mypy has to name every one of them.

Run it in the collection's folder, which must lie below ansible_collections/certops.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import scratch

# An option of the module's own, a key of a result, or a key of something of the server's.
NAMES = [re.compile(r"(?<=\boptions\.)\w+"), re.compile(r'(?<=^        ")\w+(?=": )', re.MULTILINE)]


def misspell(path: Path) -> list[int]:
    """Misspell the first of each kind of name in a module's code; return their lines."""
    text = path.read_text(encoding="utf-8")
    code = text.index("\ndef run(")
    found = [match for match in (name.search(text, code) for name in NAMES) if match]
    for match in sorted(found, key=lambda match: match.start(), reverse=True):
        text = f"{text[: match.end()]}x{text[match.end() :]}"
    path.write_text(text, encoding="utf-8")
    return [text.count("\n", 0, match.start()) + 1 for match in found]


def mypy(root: Path, config: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", os.devnull]
    package = "ansible_collections.certops.mimcm.plugins.modules"
    env = os.environ | {"MYPYPATH": "."}
    run = subprocess.run(
        [*command, "-p", package], cwd=root, env=env, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
    )
    return run.stdout


def main() -> int:
    config = Path("pyproject.toml").resolve()
    with tempfile.TemporaryDirectory() as folder:
        collection = Path(folder, scratch.COLLECTION)
        shutil.copytree("plugins", collection / "plugins")
        modules = sorted((collection / "plugins" / "modules").glob("mimcm_*.py"))
        planted = [(path.name, line) for path in modules for line in misspell(path)]
        report = mypy(Path(folder), config)
    # What is wrong with the first key of a dictionary is reported of the line that opens it.
    unnoticed = [
        (name, line)
        for name, line in planted
        if not any(f"/{name}:{place}: error:" in report for place in (line, line - 1))
    ]
    if unnoticed:
        print(report)
    for name, line in unnoticed:
        print(f"FAILED: mypy does not notice what is misspelt in line {line} of {name}")
    print(f"{len(planted) - len(unnoticed)} of {len(planted)} misspelt names were noticed, in {len(modules)} modules")
    return 1 if unnoticed or not planted else 0


if __name__ == "__main__":
    sys.exit(main())

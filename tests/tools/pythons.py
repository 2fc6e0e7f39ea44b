# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the Python interpreters of this machine and chooses which ansible-core is tested on which of them.

Run it to see the choice: python tests/tools/pythons.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Version = tuple[int, int]

SUPPORTED: list[Version] = [(3, minor) for minor in range(10, 15)]


@dataclass(frozen=True)
class Series:
    """One release series of ansible-core: its latest release, the controller's Pythons, its get-pip's file name.

    And the release of the package `ansible`, which carries the collections that one role depends on.
    """

    name: str
    release: str
    pythons: tuple[Version, ...]
    get_pip: str
    community: str


SERIES = [
    Series("2.16", "2.16.19", ((3, 10), (3, 11), (3, 12)), "get_pip_23_1_2.py", "9.13.0"),
    Series("2.17", "2.17.14", ((3, 10), (3, 11), (3, 12)), "get_pip_23_1_2.py", "10.7.0"),
    Series("2.18", "2.18.19", ((3, 11), (3, 12), (3, 13)), "get_pip_24_2.py", "11.13.0"),
    Series("2.19", "2.19.14", ((3, 11), (3, 12), (3, 13)), "get_pip_24_2.py", "12.3.0"),
    Series("2.20", "2.20.10", ((3, 12), (3, 13), (3, 14)), "get_pip_25_2.py", "13.8.0"),
    Series("2.21", "2.21.5", ((3, 12), (3, 13), (3, 14)), "get_pip_25_2.py", "14.5.0"),
]


@dataclass(frozen=True)
class Python:
    """An interpreter that was run and answered; never a shim."""

    version: Version
    path: str
    headers: bool


@dataclass(frozen=True)
class Choice:
    """One ansible-core series on one interpreter."""

    series: Series
    python: Python

    def __str__(self) -> str:
        return f"ansible-core {self.series.release} on Python {dotted(self.python.version)} ({self.python.path})"


# A virtual environment's Python answers with the interpreter it was made from: environments do not nest well.
PROBE = """
import ensurepip, json, os, sys, sysconfig, venv
base = getattr(sys, "_base_executable", None) or sys.executable
print(json.dumps({
    "version": sys.version_info[:2],
    "path": os.path.realpath(base),
    "headers": os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")),
}))
"""


def dotted(version: Version) -> str:
    return ".".join(map(str, version))


def is_shims(folder: Path) -> bool:
    """pyenv's shims answer for whatever version is active, and fail for all others."""
    return folder.name == "shims"


def search_path(path: str) -> list[Path]:
    """The folders of PATH, each folder of shims replaced by the folders behind it."""
    folders: list[Path] = []
    for folder in map(Path, filter(None, path.split(os.pathsep))):
        folders += sorted(folder.parent.glob("versions/*/bin")) if is_shims(folder) else [folder]
    return list(dict.fromkeys(folders))


def probe(candidate: Path) -> Python | None:
    """Ask an interpreter what it is; None when it does not run or cannot make virtual environments."""
    try:
        # -I: neither the user's site-packages nor the current folder have a say.
        answer = subprocess.run(
            [candidate, "-I", "-c", PROBE],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        facts = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Python((facts["version"][0], facts["version"][1]), facts["path"], facts["headers"])


def candidates(folders: Iterable[Path]) -> list[Path]:
    names = [f"python{dotted(version)}" for version in SUPPORTED] + ["python3"]
    found = [folder / name for folder in folders for name in names if os.access(folder / name, os.X_OK)]
    # Several names lead to one file (python3, /bin and /usr/bin): run it once.
    return list({os.path.realpath(path): path for path in reversed(found)}.values())[::-1]


def discover(path: str) -> dict[Version, Python]:
    """For each supported version the first interpreter on PATH; one with headers wins over one without."""
    found: dict[Version, Python] = {}
    for python in filter(None, map(probe, [*candidates(search_path(path)), Path(sys.executable)])):
        known = found.get(python.version)
        if python.version in SUPPORTED and (known is None or (python.headers and not known.headers)):
            found[python.version] = python
    return found


def choose(pythons: dict[Version, Python], series: Sequence[Series]) -> tuple[Choice, Choice]:
    """The oldest series on the oldest Python it runs on, and the newest on the newest."""
    runnable = [Choice(one, pythons[version]) for one in series for version in one.pythons if version in pythons]
    if not runnable:
        wanted = ", ".join(map(dotted, SUPPORTED))
        raise SystemExit(f"No usable Python found on PATH: install one of {wanted}, with its venv module.")
    oldest, newest = runnable[0], runnable[-1]
    return oldest, newest


def clean_path(path: str, pythons: dict[Version, Python]) -> str:
    """Return a PATH with the interpreters' folders first and without shims, where ansible-test looks for pythonX.Y."""
    own = [str(Path(python.path).parent) for _version, python in sorted(pythons.items(), reverse=True)]
    rest = [folder for folder in path.split(os.pathsep) if folder and not is_shims(Path(folder))]
    return os.pathsep.join(dict.fromkeys(own + rest))


def main() -> None:
    pythons = discover(os.environ.get("PATH", os.defpath))
    print("found:  " + ", ".join(f"{dotted(version)} {python.path}" for version, python in sorted(pythons.items())))
    for name, choice in zip(("oldest", "newest"), choose(pythons, SERIES), strict=True):
        print(f"{name}: {choice}")


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A session's copy of the working tree, and how commands, pytest and ansible-test run in it.

The copy lies below a folder named as Ansible wants it, and what runs in it has a home of its own in .nox: nothing
outside the checkout is read or written, and sessions can run side by side.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nox
import scratch
from checkout import ROOT, TOOLS, WORK, home, slug
from pythons import Choice

Variables = dict[str, str]

PIP_SETTINGS = ("CERT", "EXTRA_INDEX_URL", "FIND_LINKS", "INDEX_URL", "PROXY", "TRUSTED_HOST")


@dataclass(frozen=True)
class Copy:
    session: nox.Session
    collection: Path

    @property
    def root(self) -> Path:
        """The folder that holds ansible_collections."""
        return self.collection.parents[2]

    @property
    def variables(self) -> Variables:
        return {"HOME": str(home(self.session)), "ANSIBLE_COLLECTIONS_PATH": str(self.root)}

    @property
    def importable(self) -> Variables:
        """What lets Python itself, and not only Ansible, find the collection."""
        return {"PYTHONPATH": str(self.root)}

    def run(self, *command: str, folder: Path | None = None, env: Variables | None = None, silent: bool = False) -> Any:
        """Run a command of the session's environment, in the collection's folder unless another is given."""
        with self.session.chdir(folder or self.collection):
            return self.session.run(*command, env=self.variables | (env or {}), silent=silent)

    def pytest(self, *arguments: str, env: Variables | None = None) -> None:
        self.run("python", "-m", "pytest", *arguments, *self.session.posargs, env=env)

    def ansible_test(self, choice: Choice, command: str, *arguments: str) -> None:
        cache = home(self.session) / ".ansible" / "test" / "cache"
        cache.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(TOOLS / "get_pip.py", cache / choice.series.get_pip)
        self.run("python", str(TOOLS / "ansible_test.py"), command, "--local", *arguments)


def copy_for(session: nox.Session) -> Copy:
    """A fresh copy for this session alone."""
    write_pip_settings(home(session))
    return Copy(session, scratch.copy_tree(ROOT, WORK / "scratch" / slug(session)))


def write_pip_settings(folder: Path) -> None:
    """ansible-test calls pip without the user's settings: here it finds those that lead to the package index."""
    settings = {name.lower(): os.environ[f"PIP_{name}"] for name in PIP_SETTINGS if os.environ.get(f"PIP_{name}")}
    settings |= {"quiet": "1", "progress_bar": "off"}
    lines = [f"{name.replace('_', '-')} = {value}\n" for name, value in settings.items()]
    file = folder / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(["[global]\n", *lines]), encoding="utf-8")

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes copies of the working tree under the path that Ansible wants, .../ansible_collections/certops/mimcm."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

COLLECTION = Path("ansible_collections/certops/mimcm")


def git(folder: Path, *arguments: str) -> str:
    # In containers the checkout often belongs to another user, which git refuses without safe.directory.
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def working_tree(root: Path) -> list[Path]:
    """Tracked files and untracked ones that are not ignored, without those deleted since."""
    listing = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = map(Path, sorted(set(filter(None, listing.split("\0")))))
    return [name for name in names if (root / name).is_symlink() or (root / name).is_file()]


def copy_tree(root: Path, destination: Path) -> Path:
    """A fresh copy below destination; returns the collection's folder in it."""
    shutil.rmtree(destination, ignore_errors=True)
    collection = destination / COLLECTION
    for name in working_tree(root):
        target = collection / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / name, target, follow_symlinks=False)
    # Without a repository of its own the copy is an ignored folder of the checkout's: ansible-test would find no files
    # in it, test nothing and report success.
    git(collection, "init", "--quiet")
    git(collection, "add", "--all")
    return collection

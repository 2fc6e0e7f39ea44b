# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the files that a gate leaves for a pipeline. They never contain the verdict of an earlier run."""

from __future__ import annotations

import json
import os

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import GateResult
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import FileError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import read_bytes, write_file

NAMES = ("gate.json", "gate.md", "exit-code")
_MODE = 0o644

Contents = dict[str, bytes]
"""The content of each file by its name."""


def take_away(folder: str) -> Contents:
    """Remove the files of an earlier run, and return their content: no pipeline may go on with an old verdict.

    One that cannot be removed does not keep the others, so it is told when they are gone.

    Raises:
        FileError: A file cannot be read or removed, or is not a regular file.
    """
    found: Contents = {}
    errors: list[FileError] = []
    for name in NAMES:
        try:
            found.update(_taken(folder, name))
        except FileError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    return found


def _taken(folder: str, name: str) -> Contents:
    path = os.path.join(folder, name)
    try:
        content = read_bytes(path, "folder")
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise FileError(
            f"{path} cannot be removed", where="folder", reason=(error.strerror or type(error).__name__).lower()
        ) from None
    return {name: content}


def contents(result: GateResult, markdown: str) -> Contents:
    """Return the content of the files: the verdict as JSON, as Markdown for people, and as an exit code."""
    document = json.dumps(result, indent=4, sort_keys=True, separators=(",", ": "))
    return {
        "gate.json": f"{document}\n".encode(),
        "gate.md": markdown.encode(),
        "exit-code": f"{result['exit_code']}\n".encode(),
    }


def write(folder: str, files: Contents) -> None:
    """Write the files, the exit code last, and create their folder if it does not exist.

    Raises:
        FileError: The folder or a file cannot be written.
    """
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder)
            # Regardless of the umask, because the next step of the pipeline may run as another user.
        os.chmod(folder, 0o755)
    except OSError as error:
        raise FileError(
            f"{folder} cannot be created", where="folder", reason=(error.strerror or type(error).__name__).lower()
        ) from None
    for name in NAMES:
        write_file(os.path.join(folder, name), files[name], _MODE, check_mode=False, option="folder")

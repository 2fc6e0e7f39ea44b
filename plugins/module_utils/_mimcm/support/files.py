# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write files that may contain a secret: atomically, never readable by others in between, and only if they change."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import FileError, UsageError, cleaned

_PRIVATE = 0o600
_NAME_MAX = 200
_STATES = {stat.S_IFLNK: "link", stat.S_IFDIR: "directory"}
_SPECIAL = {
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
}
_ORDINARY = (stat.S_IFREG, stat.S_IFDIR)
# What stands here is the kernel's: a name that is free may be a device tomorrow, and a link leads to an open file.
_KERNEL = ("/dev", "/proc", "/sys")
_KERNEL_TREES = ("/proc/", "/sys/")
_HIDDEN = "a value that is not shown"


@dataclass(frozen=True)
class FileChange:
    """The change that writing a file made, or would make. The diff never shows the content."""

    changed: bool
    diff: dict[str, Any]


@dataclass(frozen=True)
class _Found:
    content: bytes | None = None
    mode: int | None = None
    owner: tuple[int, int] | None = None


def is_file_name(text: str) -> bool:
    """Return whether a text of any origin, put after a folder, names a file in that folder and nowhere else.

    A dollar sign is refused because Ansible expands variables in paths; and a long name, because an extension and the
    affixes of a temporary file are still to come.
    """
    return (
        0 < len(text.encode(errors="replace")) <= _NAME_MAX
        and not text.startswith(".")
        and not any(character in text for character in "/$")
        and cleaned(text) == text
    )


def octal_mode(mode: Any) -> int | None:
    """Return the number of a mode in the form that Ansible's file options take, None for a symbolic one."""
    if mode is None:
        return None
    try:
        return mode if isinstance(mode, int) else int(str(mode), 8)
    except ValueError:
        return None


def refuse_special(path: str, option: str) -> None:
    """Refuse what is neither absent nor a file or folder, nor a symbolic link to one: opening it may wait for ever.

    Raises:
        FileError: It is a FIFO, a socket or a device.
    """
    # Absent, below what is no folder, a link to itself, or a path with a NUL: whoever opens it says so.
    with contextlib.suppress(OSError, ValueError):
        kind = stat.S_IFMT(os.stat(path).st_mode)
        if kind not in _ORDINARY:
            raise FileError(
                f"{path} is {_SPECIAL.get(kind, 'a special file')}, not a regular file",
                where=option,
                remedy="name a regular file",
            )


def read_bytes(path: str, option: str) -> bytes:
    """Return the content of a file, which may be secret.

    Raises:
        FileError: It is a FIFO, a socket or a device.
        OSError: It cannot be read.
    """
    refuse_special(path, option)
    with open(path, "rb") as file:
        return file.read()


def read_text(path: str, option: str) -> str:
    """Return the text of a file that an option names.

    Raises:
        FileError: The file cannot be read, is not a regular file, or is not UTF-8 text.
    """
    refuse_special(path, option)
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError as error:
        raise FileError(
            f"{path} cannot be read", where=option, reason=(error.strerror or type(error).__name__).lower()
        ) from None
    except ValueError:
        raise FileError(f"{path} is not UTF-8 text", where=option, remedy="check the path") from None


def check_place(path: str, option: str) -> None:
    """Refuse a path that cannot be written to, before anything is fetched that can be fetched only once.

    Raises:
        FileError: The folder does not exist, or the user may not write into it; or the path is, or leads to, something
            else than a file.
    """
    _refuse_place(path, option)
    folder = os.path.dirname(path) or "."
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(f"the folder {folder} cannot be written to", where=option)


def write_file(path: str, content: bytes | str, mode: int | None, check_mode: bool, option: str = "dest") -> FileChange:
    """Write a file, whose content may be a secret, and set its mode, unless it has both already.

    A symbolic link at the path is replaced, not followed, unless it leads to a special file. A new file is private
    until its mode is set.

    Args:
        path: The file; its folder must exist.
        content: The content; text is written as UTF-8.
        mode: The permissions; None keeps those of an existing file, and makes a new one private.
        check_mode: Only return what would change.
        option: The option that names the file, for messages.

    Raises:
        UsageError: The mode is a number that no file can have.
        FileError: The file cannot be read or written, or the path is, or leads to, something else than a file.
    """
    if mode is not None and not 0 <= mode <= 0o7777:
        raise UsageError("mode must be an octal number in quotes such as '0600', or symbolic such as 'u=rw,g='")
    try:
        wanted = content.encode() if isinstance(content, str) else content
        found = _look(path, option)
        final_mode = mode if mode is not None else found.mode if found.mode is not None else _PRIVATE
        same_content, same_mode = found.content == wanted, found.mode == final_mode
        if not check_mode:
            if not same_content:
                _replace(path, wanted, final_mode, found.owner)
            elif not same_mode:
                os.chmod(path, final_mode)
    except OSError as error:
        raise FileError(
            f"{path} cannot be written: {(error.strerror or type(error).__name__).lower()}", where=option
        ) from None
    except ValueError:
        # A NUL in the path, or an unpaired surrogate in the content; the exception's own text would quote it.
        raise FileError(
            "the path contains a NUL character, or the content contains characters that UTF-8 cannot encode",
            where=option,
        ) from None
    return FileChange(not (same_content and same_mode), _diff(path, found, same_content, final_mode))


class FileFacts(TypedDict, total=False):
    """The facts about a file that Ansible's file modules return."""

    mode: str
    uid: int
    gid: int
    owner: str
    group: str
    size: int
    state: str


def file_facts(path: str) -> FileFacts:
    """Return what Ansible's file modules return about a file, nothing where there is none.

    An AnsibleModule adds this to each result with C(dest). In the controller's process there is no AnsibleModule.
    """
    try:
        status = os.lstat(path)
    except OSError:
        return {}
    return {
        "mode": f"{stat.S_IMODE(status.st_mode):04o}",
        "uid": status.st_uid,
        "gid": status.st_gid,
        "owner": _name(pwd.getpwuid, status.st_uid),
        "group": _name(grp.getgrgid, status.st_gid),
        "size": status.st_size,
        "state": _STATES.get(stat.S_IFMT(status.st_mode), "hard" if status.st_nlink > 1 else "file"),
    }


def _name(look_up: Callable[[int], Any], number: int) -> str:
    try:
        return str(look_up(number)[0])
    except KeyError:
        return str(number)


def _refuse_place(path: str, option: str) -> None:
    """Refuse a path at which a file would take the place of something else than a file."""
    refuse_special(path, option)
    folder = "" if "\0" in path else os.path.realpath(os.path.dirname(path) or ".")
    if folder in _KERNEL or folder.startswith(_KERNEL_TREES):
        raise FileError(f"{path} is in {folder}, which is not for files", where=option, remedy="name a regular file")
    if os.path.isdir(path) and not os.path.islink(path):
        raise FileError(f"{path} is a folder", where=option, remedy="name the file to write")
    named = os.path.dirname(path) or "."
    if not os.path.isdir(named):
        raise FileError(f"the folder {named} does not exist", where=option, remedy="create it first, with mode 0700")


def _look(path: str, option: str) -> _Found:
    """Return a regular file's content and mode, nothing if there is none, or a link that the file replaces."""
    _refuse_place(path, option)
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return _Found()
    if not stat.S_ISREG(status.st_mode):
        return _Found()
    with open(path, "rb") as file:
        return _Found(file.read(), stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid))


def _replace(path: str, content: bytes, mode: int, owner: tuple[int, int] | None) -> None:
    # mkstemp creates with mode 0600; the file gets its final name only when content and mode are right.
    handle, temporary = tempfile.mkstemp(prefix=".mimcm-", dir=os.path.dirname(path) or ".")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if owner is not None:
                # The file keeps its owner, so the same people can read it. Only root can give a file to somebody else.
                with contextlib.suppress(PermissionError):
                    os.fchown(file.fileno(), *owner)
            os.fchmod(file.fileno(), mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _diff(path: str, found: _Found, same_content: bool, mode: int) -> dict[str, Any]:
    before: dict[str, Any] = {"path": path, "state": "absent" if found.mode is None else "file"}
    after: dict[str, Any] = {"path": path, "state": "file", "mode": f"{mode:04o}"}
    if found.mode is not None:
        before["mode"] = f"{found.mode:04o}"
    if not same_content:
        after["content"] = f"the new one, {_HIDDEN}"
        if found.content is not None:
            before["content"] = f"another one, {_HIDDEN}"
    return {"before_header": path, "after_header": path, "before": before, "after": after}

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that hold a secret."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import FileError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import files

PIN = "00736214985"


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_new_file_is_written_without_a_line_end(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    change = files.write_file(str(path), PIN, 0o600, check_mode=False)
    assert change.changed
    assert path.read_bytes() == PIN.encode()
    assert mode_of(path) == 0o600
    assert change.diff["before"]["state"] == "absent"
    assert [item.name for item in tmp_path.iterdir()] == ["pin"]


def test_same_content_and_mode_is_no_change(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    files.write_file(str(path), PIN, 0o600, check_mode=False)
    before = path.stat()
    assert not files.write_file(str(path), PIN, 0o600, check_mode=False).changed
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_mode_changes_the_mode_alone(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    files.write_file(str(path), PIN, 0o644, check_mode=False)
    inode = path.stat().st_ino
    change = files.write_file(str(path), PIN, 0o600, check_mode=False)
    assert change.changed
    assert (mode_of(path), path.stat().st_ino) == (0o600, inode)
    assert (change.diff["before"]["mode"], change.diff["after"]["mode"]) == ("0644", "0600")


def test_another_content_is_replaced_and_never_shown(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    path.write_text("old-5ecret")
    change = files.write_file(str(path), PIN, 0o600, check_mode=False)
    assert change.changed
    assert path.read_text() == PIN
    assert PIN not in str(change.diff)
    assert "old-5ecret" not in str(change.diff)


@pytest.mark.parametrize("exists", [True, False])
def test_check_mode_writes_nothing(tmp_path: Path, exists: bool) -> None:
    path = tmp_path / "pin"
    if exists:
        path.write_text("old")
        path.chmod(0o644)
    assert files.write_file(str(path), PIN, 0o600, check_mode=True).changed
    assert [item.name for item in tmp_path.iterdir()] == (["pin"] if exists else [])
    if exists:
        assert (path.read_text(), mode_of(path)) == ("old", 0o644)


def test_a_symbolic_link_is_replaced_and_its_target_untouched(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "pin"
    target.write_text("other")
    path.symlink_to(target)
    assert files.write_file(str(path), PIN, 0o600, check_mode=False).changed
    assert not path.is_symlink()
    assert target.read_text() == "other"


def test_a_symbolic_mode_keeps_the_mode_of_a_file_and_makes_a_new_one_private(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    files.write_file(str(path), PIN, None, check_mode=False)
    assert mode_of(path) == 0o600
    path.chmod(0o640)
    assert not files.write_file(str(path), PIN, None, check_mode=False).changed


def test_it_is_never_readable_by_others_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    replace = os.replace

    def spy(source: str, target: str) -> None:
        seen.append(mode_of(Path(source)))
        replace(source, target)

    old = os.umask(0)
    monkeypatch.setattr(os, "replace", spy)
    try:
        files.write_file(str(tmp_path / "pin"), PIN, 0o600, check_mode=False)
    finally:
        os.umask(old)
    assert seen == [0o600]


def test_nothing_is_left_behind_when_the_last_step_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(FileError, match="cannot be written: no space left on device"):
        files.write_file(str(tmp_path / "pin"), PIN, 0o600, check_mode=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder; name the file"):
        files.write_file(str(tmp_path), PIN, 0o600, check_mode=False)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"the folder .*/none does not exist"):
        files.write_file(str(tmp_path / "none" / "pin"), PIN, 0o600, check_mode=False)


@pytest.mark.parametrize("mode", [-1, 0o10000, 99999999])
def test_impossible_mode(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UsageError, match="octal number in quotes"):
        files.write_file(str(tmp_path / "pin"), PIN, mode, check_mode=False)


@pytest.mark.parametrize(("given", "number"), [("0600", 0o600), ("600", 0o600), (0o600, 0o600), ("u=rw", None)])
def test_octal_mode(given: str | int, number: int | None) -> None:
    assert files.octal_mode(given) == number


def test_facts(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    assert files.file_facts(str(path)) == {}
    files.write_file(str(path), PIN, 0o600, check_mode=False)
    facts = files.file_facts(str(path))
    assert (facts["mode"], facts["state"], facts["size"], facts["uid"]) == ("0600", "file", len(PIN), os.geteuid())


@pytest.fixture(params=["FIFO", "socket", "character device", "link to a FIFO", "link to a character device"])
def special(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Something that is neither a file nor a folder, in a folder of its own unless only the system has one."""
    path, beyond = tmp_path / "pin", tmp_path / "beyond"
    listener = socket.socket(socket.AF_UNIX)
    if request.param == "FIFO":
        os.mkfifo(path)
    elif request.param == "socket":
        listener.bind(str(path))
    elif request.param == "character device":
        path = Path("/dev/null")
    elif request.param == "link to a FIFO":
        os.mkfifo(beyond)
        path.symlink_to(beyond)
    else:
        path.symlink_to("/dev/null")
    yield path
    listener.close()


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_special_is_never_replaced(special: Path, check_mode: bool) -> None:
    before = special.lstat()
    told = r"dest: .* is a (FIFO|socket|character device), not a regular file; name a regular file\.$"
    with pytest.raises(FileError, match=told):
        files.check_place(str(special), "dest")
    with pytest.raises(FileError, match=told):
        files.write_file(str(special), PIN, 0o600, check_mode)
    assert (special.lstat().st_ino, special.lstat().st_mode) == (before.st_ino, before.st_mode)


def test_what_is_special_is_never_read(special: Path) -> None:
    with pytest.raises(FileError, match=r"csr_paths: .* is a .*, not a regular file"):
        files.read_text(str(special), "csr_paths")


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/mimcm-pin", "/sys/mimcm-pin"])
def test_no_file_is_put_where_the_kernel_keeps_its_own(path: str) -> None:
    with pytest.raises(FileError, match=r"dest: .*(which is not for files|not a regular file); name a regular file\.$"):
        files.check_place(path, "dest")


@pytest.mark.parametrize("target", ["missing", "itself", "file"])
def test_a_link_to_a_file_or_to_nothing_is_replaced(tmp_path: Path, target: str) -> None:
    path = tmp_path / "itself"
    (tmp_path / "file").write_text("other")
    path.symlink_to(tmp_path / target)
    files.check_place(str(path), "dest")
    assert files.write_file(str(path), PIN, 0o600, check_mode=False).changed
    assert (path.read_text(), path.is_symlink()) == (PIN, False)
    assert (tmp_path / "file").read_text() == "other"

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of a gate: the answer of this run, or none."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment import gate_files
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import gate
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import FileError

NOTHING: Any = {"requests": [], "problems": {}, "reached": [], "rejected": [], "timed_out": [], "missing": []}
RESULT = gate(NOTHING, {}, 75, 1)


def test_what_is_written_can_be_taken_away(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "gate"
    files = gate_files.contents(RESULT, "## All reached\n")
    gate_files.write(str(folder), files)
    assert json.loads((folder / "gate.json").read_text())["verdict"] == "reached"
    assert (folder / "gate.md").read_text() == "## All reached\n"
    assert (folder / "exit-code").read_text() == "0\n"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}
    (folder / "other.txt").write_text("kept")
    assert gate_files.take_away(str(folder)) == files
    assert [path.name for path in folder.iterdir()] == ["other.txt"]


def test_there_may_be_nothing_to_take_away(tmp_path: Path) -> None:
    assert gate_files.take_away(str(tmp_path / "nowhere")) == {}
    (tmp_path / "file").write_text("x")
    assert gate_files.take_away(str(tmp_path / "file")) == {}


def test_what_cannot_be_taken_away_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "exit-code").mkdir()
    with pytest.raises(FileError, match=r"folder: .*exit-code cannot be removed: is a directory"):
        gate_files.take_away(str(tmp_path))


@pytest.mark.parametrize("link", [True, False])
def test_a_fifo_is_refused_and_no_verdict_of_an_earlier_run_stays(tmp_path: Path, link: bool) -> None:
    place = tmp_path / "gate.json"
    os.mkfifo(tmp_path / "fifo" if link else place)
    if link:
        place.symlink_to(tmp_path / "fifo")
    (tmp_path / "exit-code").write_text("0")
    with pytest.raises(FileError, match=r"folder: .*gate\.json is a FIFO, not a regular file"):
        gate_files.take_away(str(tmp_path))
    assert place.is_symlink() == link
    assert place.exists()
    assert not (tmp_path / "exit-code").exists()


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(FileError, match=r"folder: .*gate cannot be created: "):
        gate_files.write(str(tmp_path / "file" / "gate"), gate_files.contents(RESULT, ""))


def test_the_exit_code_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(gate_files, "write_file", lambda path, *given, **others: written.append(os.path.basename(path)))
    gate_files.write(str(tmp_path), gate_files.contents(RESULT, ""))
    assert written == ["gate.json", "gate.md", "exit-code"]

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_smartcard_pin, run as both shells run it, against a server that answers as a test says."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_smartcard_pin,
)
from ansible_collections.certops.mimcm.tests.unit.helpers import run

A = "00000001-0000-4000-8000-000000000000"
PIN = "0073-5ecret"


@pytest.mark.parametrize("check_mode", [True, False])
def test_pin_into_a_file(scripted: Any, reply: Any, tmp_path: Path, check_mode: bool) -> None:
    scripted.answer(reply(PIN))
    dest = tmp_path / "pin"
    for turn in range(2):
        result = run(mimcm_smartcard_pin, scripted, check_mode, smartcard_id=A.upper(), dest=str(dest))
        assert result["changed"] == (check_mode or turn == 0)
        assert (result["pin"], result["pin_available"], result["smartcard_id"]) == (PIN, True, A)
        assert PIN not in str(result["diff"])
        assert dest.exists() == (not check_mode)
    if not check_mode:
        assert (dest.read_text(), stat.S_IMODE(dest.stat().st_mode), result["mode"]) == (PIN, 0o600, "0600")
    assert {call.method for call in scripted.calls} == {"GET"}


def test_no_pin_touches_no_file(scripted: Any, reply: Any, tmp_path: Path) -> None:
    scripted.answer(reply(status=204))
    (tmp_path / "pin").write_text("old")
    result = run(mimcm_smartcard_pin, scripted, smartcard_id=A, dest=str(tmp_path / "pin"))
    assert (result["pin_available"], result["pin"], result["changed"]) == (False, None, False)
    assert (tmp_path / "pin").read_text() == "old"


@pytest.mark.parametrize("pin", ["\ud800", "x" * 1000, "ä"])
def test_a_pin_that_cannot_be_written_is_a_sentence_without_it(
    scripted: Any, reply: Any, tmp_path: Path, pin: str
) -> None:
    scripted.answer(reply(pin))
    result = run(mimcm_smartcard_pin, scripted, smartcard_id=A, dest=str(tmp_path / "pin"))
    assert "failed" in result or (tmp_path / "pin").read_text(encoding="utf-8") == pin
    assert [item.name for item in tmp_path.iterdir()] in (["pin"], [])


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "file/pin", "missing/pin", "", "."])
def test_an_impossible_dest_is_a_sentence_without_the_pin(scripted: Any, reply: Any, tmp_path: Path, name: str) -> None:
    scripted.answer(reply(PIN))
    (tmp_path / "file").write_text("")
    result = run(mimcm_smartcard_pin, scripted, smartcard_id=A, dest=f"{tmp_path}/{name}")
    assert result["failed"]
    assert result["msg"].startswith("dest: ")
    assert PIN not in str(result)
    assert [item.name for item in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("name", ["fifo", "link", "missing/pin", "folder"])
def test_a_dest_that_cannot_be_is_refused_before_the_pin_is_fetched(
    scripted: Any, reply: Any, tmp_path: Path, check_mode: bool, name: str
) -> None:
    scripted.answer(reply(PIN))
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    result = run(mimcm_smartcard_pin, scripted, check_mode, smartcard_id=A, dest=str(tmp_path / name))
    assert result["msg"].startswith("dest: ")
    assert scripted.calls == []
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"smartcard_id": "x"}, "smartcard_id: 'x' is not a GUID"),
        ({"request_id": "x"}, "request_id: 'x' is not a GUID"),
        ({"card_id": "x"}, "card_id: 'x' is not a GUID"),
        ({"challenge": "CFAA62118BBD2"}, "challenge is not hexadecimal or base64"),
        ({"mode": "0999999"}, "mode"),
    ],
)
def test_wrong_pin_options(scripted: Any, given: dict[str, str], says: str) -> None:
    result = run(mimcm_smartcard_pin, scripted, **{"smartcard_id": A, **given})
    if "mode" not in given:
        assert result["failed"]
        assert result["msg"].startswith(says)
        assert scripted.calls == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_keeps_its_owner(scripted: Any, reply: Any, tmp_path: Path) -> None:
    """As with every file module of Ansible: who may read a PIN does not change with the PIN."""
    scripted.answer(reply(PIN))
    dest = tmp_path / "pin"
    dest.write_text("old")
    os.chown(dest, 12345, 12345)
    run(mimcm_smartcard_pin, scripted, smartcard_id=A, dest=str(dest))
    assert (dest.stat().st_uid, dest.stat().st_gid) == (12345, 12345)

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server as a process: how it starts, and that it leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from mimcm_simulator.launch import PROGRAM, running

TEAM = PROGRAM / "scenarios" / "team.yml"
AUDIT = PROGRAM / "scenarios" / "audit.yml"
LISTS = ("requests", "smartcards", "profiles", "certificates")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_clean_exit(tmp_path: Path, number: signal.Signals) -> None:
    port, pid, temporary = tmp_path / "port", tmp_path / "pid", tmp_path / "tmp"
    temporary.mkdir()
    options = ("--port-file", str(port), "--pid-file", str(pid), "--auth", "ntlm", "--user", r"CORP\alice:x")
    with running(*options, environment={"TMPDIR": str(temporary)}) as server:
        assert server.url.split("/")[2].endswith(":" + port.read_text().strip())
        assert int(pid.read_text()) == server.process.pid
        assert [path.stat().st_mode & 0o777 for path in temporary.iterdir()] == [0o600]
        server.process.send_signal(number)
        assert server.process.wait(timeout=5) == 0
        assert server.process.stdout is not None
        assert server.process.stdout.read() == ""
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["tmp"]


def test_exit_when_stdin_closes() -> None:
    with running() as server:
        assert server.process.stdin is not None
        server.process.stdin.close()
        assert server.process.wait(timeout=5) == 0


def test_exit_when_the_parent_is_gone() -> None:
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)\n"
        "print(child.stdout.readline(), flush=True)\n"
    )
    command = [sys.executable, "-c", code, sys.executable, str(PROGRAM), "--port", "0", "--exit-with-parent"]
    line = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
    child = int(line.rsplit("pid ", 1)[1].rstrip(")\n"))
    descriptor = os.pidfd_open(child) if Path(f"/proc/{child}").exists() else None
    if descriptor is not None:
        import select

        assert select.select([descriptor], [], [], 5)[0]
        os.close(descriptor)


def failing(*options: str) -> str:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *options], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    return done.stderr


def test_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1 port {port}" in failing("--port", port)


def test_one_sentence_for_mistakes(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text("requests: [", encoding="utf-8")
    assert "is not YAML" in failing("--scenario", str(broken))
    assert "cannot be read" in failing("--scenario", str(tmp_path / "absent.yml"))
    assert "is not an authentication scheme" in failing("--auth", "basic")
    assert "needs --token" in failing("--auth", "token")
    assert "cannot be written" in failing("--port", "0", "--port-file", str(tmp_path / "absent" / "port"))


def test_team_scenario() -> None:
    with running("--no-documented", "--scenario", str(TEAM)) as server:
        people = requests.get(f"{server.url}/requests", params={"status": "Pending"}, timeout=5).json()
        assert len(people) == 5
        pins = [
            requests.get(f"{server.url}/smartcards/{person['NewSmartcardUuid']}/serverproposedpin", timeout=5)
            for person in people
        ]
        assert sorted(pin.status_code for pin in pins) == [200, 200, 200, 200, 204]
        assert all(pin.json().startswith("0") for pin in pins if pin.status_code == 200)


def test_audit_scenario() -> None:
    with running("--no-documented", "--scenario", str(AUDIT)) as server:
        listed = {name: requests.get(f"{server.url}/{name}", timeout=5).json() for name in LISTS}
        assert {name: len(found) for name, found in listed.items()} == {
            "requests": 14,
            "smartcards": 6,
            "profiles": 2,
            "certificates": 3,
        }


def test_session_cookie() -> None:
    with running() as server, requests.Session() as session:
        first = session.get(f"{server.url}/requests", timeout=5)
        assert "HttpOnly" in first.headers["Set-Cookie"]
        assert first.cookies.get("ASP.NET_SessionId")
        assert "Set-Cookie" not in session.get(f"{server.url}/requests", timeout=5).headers

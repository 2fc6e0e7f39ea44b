# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the demo: the reference server, an approver, a playbook for five employees, and a check of its results."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import ssl
import stat
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DEMO = Path(__file__).resolve().parent
SIMULATOR = DEMO.parent / "tests" / "simulator"
OUTPUT = DEMO / "output"
EXPECTED_FILES = ["alice.pin", "bruno.pin", "david.pin"]
PENDING = 16
# Chiara's account; see inventory.yml.
REFUSED = "0b1c2d3e-1111-4a4a-8b8b-000000000003"
# ansible-playbook's status when hosts failed: one request is denied on purpose.
HOSTS_FAILED = 2


def main() -> int:
    """Return 0 when the demo went as it should: four employees done, one stopped, and nothing to do for the four."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir(mode=0o700)
    token = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory() as folder, reference_server(Path(folder), token) as (url, ca_file):
        print(f"The reference server plays MIM CM at {url}; an approver will decide in the next seconds.\n", flush=True)
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(DEMO / "ansible.cfg"),
            "MIMCM_URL": url,
            "MIMCM_AUTH_METHOD": "token",
            "MIMCM_TOKEN": token,
            "MIMCM_CA_PATH": str(ca_file),
        }
        command = [sys.executable, "-m", "ansible", "playbook", "provision.yml", *sys.argv[1:]]
        with approver(url, ca_file):
            status = subprocess.run(command, cwd=DEMO, env=environment, check=False).returncode
        print("Once more, for those who have their cards: there is nothing left to do.\n", flush=True)
        again = [*command, "--limit", "new_employees:!chiara"]
        repeated = subprocess.run(again, cwd=DEMO, env=environment, check=False, text=True, stdout=subprocess.PIPE)
        recap = repeated.stdout[repeated.stdout.find("PLAY RECAP") :]
        print(recap, flush=True)
    return report(status, idle=recap.count("changed=0 ") == len(EXPECTED_FILES) + 1)


@contextmanager
def approver(url: str, ca_file: Path) -> Iterator[None]:
    """Be the human in the portal meanwhile: decide on one request after another, and refuse one."""
    context = ssl.create_default_context(cafile=ca_file)
    done = threading.Event()

    def control(path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"{url}/_control/{path}", data, timeout=10, context=context) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def decide() -> None:
        while not done.wait(2):
            pending = [request for request in control("world")["requests"] if request["Status"] == PENDING]
            for request in pending[:1]:
                refused = request["TargetUserUuid"] == REFUSED
                control(f"requests/{request['Uuid']}", {"status": "Denied" if refused else "Approved"})

    thread = threading.Thread(target=decide)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def reference_server(folder: Path, token: str) -> Iterator[tuple[str, Path]]:
    """Start the reference server with TLS and a token, and stop it in the end."""
    port_file, ca_file = folder / "port", folder / "ca.pem"
    command = [sys.executable, str(SIMULATOR), "--port", "0", "--port-file", str(port_file), "--tls", "--ca-file"]
    command += [str(ca_file), "--auth", "token", "--scenario", str(DEMO / "scenario.yml")]
    environment = {**os.environ, "MIMCM_SIMULATOR_TOKEN": token}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            yield f"https://localhost:{wait_for_port(server, port_file)}", ca_file
        finally:
            server.terminate()


def wait_for_port(server: subprocess.Popen[bytes], port_file: Path) -> str:
    """Return the port that the server chose, once it listens."""
    deadline = time.monotonic() + 15
    while not port_file.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit("The reference server did not start; see its message above.")
        time.sleep(0.05)
    return port_file.read_text().strip()


def report(status: int, idle: bool) -> int:
    """Say what the demo left behind, and whether that is what it should."""
    files = sorted(OUTPUT.iterdir())
    for file in files:
        print(f"{stat.filemode(file.stat().st_mode)} {file.relative_to(DEMO.parent)}")
    private = all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    if status == HOSTS_FAILED and [file.name for file in files] == EXPECTED_FILES and private and idle:
        print(
            "\nThe demo went as it should: four employees are provisioned, one was stopped because of a denied "
            "request,\nand the second run changed nothing."
        )
        return 0
    print(f"\nThe demo did not go as it should (ansible-playbook ended with status {status}); see above.")
    return 1


if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The servers that tests run against, started for a session and ended with it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nox
from checkout import home
from copies import Copy
from environments import python_of

# The accounts of the stand-in for AD FS: a user, and the client in the documentation's examples.
FEDERATION = {
    "--user": r"CONTOSO\automation:made-up-password",
    "--client-id": "2954b462-a5de-4af6-83bc-497cc20bddde",
    "--redirect-uri": "https://automation.contoso.com/mimcm",
    "--resource": "https://127.0.0.1/certificatemanagement",
}


@contextmanager
def for_integration_targets(copy: Copy) -> Iterator[None]:
    """The reference server and the stand-in for AD FS, and the file that tells the integration targets of them."""
    tests = copy.collection / "tests"
    known = [word for option in FEDERATION.items() for word in option]
    with (
        running(copy.session, tests / "simulator") as url,
        running(copy.session, tests / "adfs", *known) as adfs_url,
    ):
        # ansible-test hands no environment variables on: what the targets must know goes through this file.
        settings = {
            "mimcm_test_url": url,
            "mimcm_test_adfs_url": adfs_url,
            "mimcm_test_simulator": str(tests / "simulator"),
            "mimcm_test_python": python_of(copy.session),
        }
        lines = [f"{name}: '{value}'\n" for name, value in settings.items()]
        (tests / "integration" / "integration_config.yml").write_text("".join(lines), encoding="utf-8")
        yield


@contextmanager
def running(session: nox.Session, program: Path, *options: str) -> Iterator[str]:
    """A server of the tests on a free port of loopback; gives its URL."""
    port_file = home(session) / f"{program.name}.port"
    port_file.parent.mkdir(parents=True, exist_ok=True)
    port_file.unlink(missing_ok=True)
    command = [python_of(session), str(program), "--port", "0", "--port-file", str(port_file), *options]
    with subprocess.Popen([*command, "--exit-with-parent"], stdin=subprocess.DEVNULL) as server:
        try:
            yield f"http://127.0.0.1:{wait_for_port(session, server, port_file)}"
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()


def wait_for_port(session: nox.Session, server: subprocess.Popen[bytes], port_file: Path) -> int:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        text = port_file.read_text().strip() if port_file.exists() else ""
        if text:
            return int(text)
        time.sleep(0.05)
    return session.error(f"{port_file.stem} did not start (exit code {server.poll()})")

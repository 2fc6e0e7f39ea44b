# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One domain, one reference server and one Apache for all tests: starting them takes most of the time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(DIRECTORY), str(DIRECTORY.parent / "simulator")]

from mimcm_directory import apache as front
from mimcm_directory import namespace
from mimcm_directory.domain import Domain
from mimcm_directory.domain import domain as running_domain
from mimcm_simulator.launch import Running, running


@pytest.fixture(scope="session")
def place() -> Path:
    """A folder that ends with the namespaces."""
    if not namespace.active():
        pytest.skip("these tests need namespaces of their own: run python tests/directory")
    return namespace.FOLDER


@pytest.fixture(scope="session")
def domain(place: Path) -> Iterator[Domain]:
    folder = place / "domain"
    folder.mkdir()
    with running_domain(folder) as out:
        yield out


@pytest.fixture(scope="session")
def server(place: Path) -> Iterator[Running]:
    with running("--auth", "none") as out:
        yield out


class _Federation(BaseHTTPRequestHandler):
    """Notes what reaches the place of AD FS, and who Apache says it is."""

    seen: list[tuple[str, str | None]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("X-Remote-User")))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def adfs_backend() -> Iterator[str]:
    """The server behind /adfs/; tests that bring their own override this."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Federation) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def federation() -> list[tuple[str, str | None]]:
    """What reached the server behind /adfs/ during this test."""
    _Federation.seen.clear()
    return _Federation.seen


@pytest.fixture(scope="session")
def apache(place: Path, domain: Domain, server: Running, adfs_backend: str) -> Iterator[front.Apache]:
    folder = place / "apache"
    folder.mkdir()
    with front.apache(folder, domain, server.origin, adfs_backend) as out:
        yield out

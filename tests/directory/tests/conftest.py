# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One domain, one reference server, one stand-in for AD FS and one Apache for all tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(DIRECTORY), str(DIRECTORY.parent / "simulator"), str(DIRECTORY.parent / "adfs")]

from mimcm_adfs.launch import running as federation
from mimcm_directory import apache as front
from mimcm_directory import namespace
from mimcm_directory.domain import Domain
from mimcm_directory.domain import domain as running_domain
from mimcm_simulator.launch import Running, running

RESOURCE, REDIRECT = "https://cm.cm.test.local/certificatemanagement", "https://automation.test/mimcm"


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


@pytest.fixture(scope="session")
def token_key(place: Path) -> Path:
    """Where the stand-in for AD FS writes the key that its tokens can be checked with."""
    return place / "token.pem"


@pytest.fixture(scope="session")
def adfs_backend(token_key: Path) -> Iterator[str]:
    """The stand-in for AD FS, which believes Apache who the user is."""
    registered = ["--client-id", "public", "--redirect-uri", REDIRECT, "--resource", RESOURCE]
    with federation("--trust-remote-user", "--key-out", str(token_key), *registered) as out:
        yield out.origin


@pytest.fixture(scope="session")
def apache(place: Path, domain: Domain, server: Running, adfs_backend: str) -> Iterator[front.Apache]:
    folder = place / "apache"
    folder.mkdir()
    with front.apache(folder, domain, server.origin, adfs_backend) as out:
        yield out

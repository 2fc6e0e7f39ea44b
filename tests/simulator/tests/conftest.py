# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests start the server as users do: as a process of its own, on a free port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mimcm_simulator.launch import Running, running


@pytest.fixture(scope="session")
def shared() -> Iterator[Running]:
    with running() as server:
        yield server


@pytest.fixture
def server(shared: Running) -> Iterator[Running]:
    """A server without authentication, as it is after its start."""
    requests.post(f"{shared.control}/reset", timeout=5).raise_for_status()
    yield shared
    requests.post(f"{shared.control}/reset", timeout=5).raise_for_status()

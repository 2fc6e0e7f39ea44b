# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reference server for tests of what speaks HTTP, and where the stand-ins are found."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "simulator"), str(TESTS / "adfs")]


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Any]:
    from mimcm_simulator.launch import running

    with running() as server:
        yield server


@pytest.fixture
def server(shared_server: Any) -> Any:
    """The reference server in its first state, without authentication."""
    import requests

    requests.post(f"{shared_server.control}/reset", timeout=5).raise_for_status()
    return shared_server

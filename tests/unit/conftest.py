# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reference server for tests of what speaks HTTP, where the stand-ins are found, and how hypothesis looks."""

from __future__ import annotations

import resource
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "simulator"), str(TESTS / "adfs")]

# How long an example takes says more about the machine than about the code. Nothing is left behind for another run.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.load_profile("unhurried")

# Where one process runs all tests, connections of earlier ones stay open: often more than a shell's limit allows.
_LIMIT = resource.getrlimit(resource.RLIMIT_NOFILE)
if 0 <= _LIMIT[0] < 16384:
    _HARD = _LIMIT[1] if _LIMIT[1] >= 0 else 16384
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(_LIMIT[0], min(_HARD, 16384)), _LIMIT[1]))

_STARTED: list[Any] = []
_UNTIL_THE_END = ExitStack()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the server for all tests: ansible-test forks each off this process, where a fixture would start its own."""
    if any("shared_server" in getattr(item, "fixturenames", ()) for item in session.items):
        from mimcm_simulator.launch import running

        _STARTED.append(_UNTIL_THE_END.enter_context(running()))


def pytest_sessionfinish() -> None:
    _UNTIL_THE_END.close()


@pytest.fixture(scope="session")
def shared_server() -> Any:
    return _STARTED[0]


@pytest.fixture
def server(shared_server: Any) -> Any:
    """The reference server in its first state, without authentication."""
    import requests

    requests.post(f"{shared_server.control}/reset", timeout=5).raise_for_status()
    return shared_server

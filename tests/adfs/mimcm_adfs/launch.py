# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the stand-in as a process of its own, for tests and demonstrations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mimcm_simulator import launch

PROGRAM = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Running(launch.Running):
    """The url ends with /adfs."""

    @property
    def authorize(self) -> str:
        return f"{self.url}/oauth2/authorize"

    @property
    def token(self) -> str:
        return f"{self.url}/oauth2/token"


@contextlib.contextmanager
def running(*options: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """The server on a free port, until the block ends. It also ends with this process, however that ends."""
    with launch.running(*options, environment=environment, program=PROGRAM) as server:
        yield Running(server.url, server.origin, server.process)

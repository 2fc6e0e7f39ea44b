# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was called: counters and a log, without any secret."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

# Names whose values never get into the log, in lower case.
SECRETS = frozenset({"pfxpassword"})
MASK = "***"


@dataclass
class Entry:
    method: str
    path: str
    query: dict[str, str]
    connection: int
    time: float
    # The JSON of a POST or PUT, secrets masked; None for anything else.
    body: Any = None
    # None until there is an answer, and for good when the connection was reset before one.
    status: int | None = None
    user: str | None = None


@dataclass
class Recorder:
    started: float = field(default_factory=time.monotonic)
    entries: list[Entry] = field(default_factory=list)
    operations: Counter[str] = field(default_factory=Counter)
    unauthorized: int = 0
    handshakes: int = 0
    connections: set[int] = field(default_factory=set)
    # Of the bodies of the API's own answers.
    bytes: int = 0


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: MASK if name.lower() in SECRETS else _masked(item) for name, item in value.items()}
    return [_masked(item) for item in value] if isinstance(value, list) else value


def shown_body(method: str, body: bytes) -> Any:
    if method not in ("POST", "PUT"):
        return None
    try:
        return _masked(json.loads(body))
    except ValueError:
        return None


def record(
    recorder: Recorder, method: str, path: str, query: dict[str, str], connection: int, body: Any = None
) -> Entry:
    entry = Entry(method, path, query, connection, round(time.monotonic() - recorder.started, 6), body)
    recorder.entries.append(entry)
    recorder.connections.add(connection)
    return entry


def calls(recorder: Recorder) -> dict[str, Any]:
    return {
        "total": sum(recorder.operations.values()),
        "by_operation": dict(sorted(recorder.operations.items())),
        "unauthorized": recorder.unauthorized,
        "handshakes": recorder.handshakes,
        "connections": len(recorder.connections),
        "bytes": recorder.bytes,
    }


def log(recorder: Recorder) -> list[dict[str, Any]]:
    return [asdict(entry) for entry in recorder.entries]

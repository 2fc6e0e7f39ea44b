# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults: what can go wrong between a client and the server, on demand."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "delay",
    "hold",
    "reset",
    "reset_mid_body",
    "status",
    "truncate",
    "html",
    "garbage",
    "drip",
    "unauthorized",
)
# After these the call goes on, and may meet the next fault.
PASSING = frozenset({"delay", "hold"})


class FaultError(ValueError):
    """A fault that cannot be used; the text says why."""


@dataclass
class Fault:
    kind: str
    match: re.Pattern[str] = re.compile("")
    method: str | None = None
    status: int | None = None
    seconds: float = 1.0
    retry_after: str | None = None
    times: int | None = None
    skip: int = 0
    # A reset after the operation was carried out: the client cannot know whether it was.
    processed: bool = False
    seen: int = 0


def _pattern(value: Any) -> re.Pattern[str]:
    try:
        return re.compile(str(value), re.IGNORECASE)
    except re.error as problem:
        raise FaultError(f"match is not a regular expression: {problem}.") from problem


def _kind(value: Any) -> str:
    if value not in KINDS:
        raise FaultError(f"kind must be one of {', '.join(KINDS)}, not {value!r}.")
    return str(value)


def _whole(name: str, least: int) -> Any:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise FaultError(f"{name} must be a whole number, {least} or more, not {value!r}.")
        return value

    return read


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise FaultError(f"seconds must be a number, zero or more, not {value!r}.")
    return float(value)


_READERS: dict[str, Any] = {
    "kind": _kind,
    "match": _pattern,
    "method": lambda value: str(value).upper(),
    "status": _whole("status", 200),
    "seconds": _seconds,
    "retry_after": str,
    "times": _whole("times", 0),
    "skip": _whole("skip", 0),
    "processed": bool,
}


def read_fault(value: Any) -> Fault:
    if not isinstance(value, dict) or "kind" not in value:
        raise FaultError("A fault must be an object with the key 'kind'.")
    for key in value:
        if key not in _READERS:
            raise FaultError(f"A fault has no key {key!r}; known are {', '.join(_READERS)}.")
    return Fault(**{key: _READERS[key](item) for key, item in value.items() if item is not None})


def read_faults(value: Any) -> list[Fault]:
    return [read_fault(item) for item in (value if isinstance(value, list) else [value])]


def _strikes(fault: Fault, method: str, path: str) -> bool:
    if (fault.method and fault.method != method) or not fault.match.search(path):
        return False
    fault.seen += 1
    struck = fault.seen - fault.skip
    return struck > 0 and (fault.times is None or struck <= fault.times)


def due(faults: list[Fault], method: str, path: str) -> list[Fault]:
    """The faults of this call: any delays and holds, and the first other one."""
    struck: list[Fault] = []
    for fault in faults:
        if _strikes(fault, method, path):
            struck.append(fault)
            if fault.kind not in PASSING:
                break
    return struck


@dataclass
class Holds:
    """The calls that wait until they are released, the oldest first."""

    waiting: list[asyncio.Future[bool]] = field(default_factory=list)

    async def wait(self) -> bool:
        """Wait; return whether the call is to go on, and not to end without an answer."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.waiting.append(future)
        return await future

    def release(self, calls: int | None = None) -> int:
        """Let so many calls go on, all of them by default; return how many did."""
        return self._end(len(self.waiting) if calls is None else calls, go_on=True)

    def drop(self) -> int:
        return self._end(len(self.waiting), go_on=False)

    def _end(self, calls: int, go_on: bool) -> int:
        ended, self.waiting = self.waiting[:calls], self.waiting[calls:]
        for future in ended:
            if not future.done():
                future.set_result(go_on)
        return len(ended)

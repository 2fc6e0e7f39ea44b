# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks, and say what they cost: time, processor time, memory, and what the server saw."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BENCH = Path(__file__).resolve().parents[1]
from mimcm_simulator.launch import Running

# The number of the status that the requests are to reach.
APPROVED = 3


@dataclass(frozen=True)
class Played:
    """What a playbook cost.

    Args:
        seconds: From its start to its end.
        cpu: Of the controller and all its workers, in seconds.
        peak: The memory of the largest of these processes, in bytes.
        tasks: Each task with its seconds and what it returned of itself, in the order of their ends.
    """

    seconds: float
    cpu: float
    peak: float
    tasks: list[dict[str, Any]]

    def values(self) -> dict[str, float]:
        return {"seconds": self.seconds, "cpu": self.cpu, "peak": self.peak}


def play(
    folder: Path,
    plays: list[dict[str, Any]],
    hosts: Mapping[str, Mapping[str, str]] | None = None,
    variables: Mapping[str, Any] | None = None,
    forks: int = 5,
    environment: Mapping[str, str] | None = None,
) -> Played:
    """Run a playbook on local hosts.

    Args:
        folder: Where its files are put.
        plays: The playbook.
        hosts: Each host with its variables; one without any if none are given.
        variables: Of all hosts.
        forks: How many tasks run side by side.
        environment: Variables of the environment, beside this process's.
    """
    playbook, inventory, durations = folder / "play.json", folder / "hosts.ini", folder / "durations.jsonl"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    local = f"ansible_connection=local ansible_python_interpreter='{sys.executable}'"
    lines = [
        " ".join([host, local, *(f"{name}={value}" for name, value in own.items())])
        for host, own in (hosts or {"bench": {}}).items()
    ]
    inventory.write_text("\n".join(lines) + "\n", encoding="utf-8")
    durations.write_text("", encoding="utf-8")
    extra = folder / "variables.json"
    extra.write_text(json.dumps(variables or {}), encoding="utf-8")
    command = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory), "-e", f"@{extra}", "-f", str(forks)]
    settings = {
        "ANSIBLE_CALLBACK_PLUGINS": str(BENCH / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "durations",
        "BENCH_DURATIONS": str(durations),
    }
    with (folder / "output.txt").open("w+", encoding="utf-8") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [*command, str(playbook)],
            env={**os.environ, **settings, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"The playbook failed:\n{output.read()[-20000:]}")
    tasks = [json.loads(line) for line in durations.read_text(encoding="utf-8").splitlines()]
    return Played(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, tasks)


def control(server: Running, method: str, path: str, body: Any = None) -> Any:
    """Call one of the reference server's control endpoints."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{server.control}/{path}", data=data, method=method)
    # This is our own server on loopback; whether its certificate is checked is measured elsewhere.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(request, timeout=600, context=context) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def seen(server: Running) -> dict[str, float]:
    """What the server has seen since its counters were at zero."""
    calls = control(server, "GET", "calls")
    return {"calls": calls["total"] + calls["unauthorized"], "bytes": calls["bytes"]}


def request_id(number: int) -> str:
    """The id of a request; those of the history have negative numbers."""
    return f"{abs(number):08x}-0000-4000-8000-{'f' if number < 0 else '0'}00000000001"


def world(server: Running, waiting: int, history: int = 0, first: float = 0.0, every: float = 0.0) -> list[str]:
    """Give the server requests that are approved tenth by tenth, and a history; return the ids of the former.

    Args:
        server: The reference server.
        waiting: How many requests are Pending.
        history: How many are Completed since long.
        first: After how many seconds the first tenth is approved; with 0 none ever is.
        every: How many seconds later the next tenth is.
    """
    requests: list[dict[str, Any]] = [
        {"id": request_id(-number), "status": "Completed", "target": request_id(number)}
        for number in range(1, history + 1)
    ]
    for number in range(1, waiting + 1):
        request: dict[str, Any] = {"id": request_id(number), "status": "Pending", "target": request_id(number)}
        if first:
            tenth = (number - 1) * 10 // waiting
            request["script"] = [{"after": first + tenth * every, "status": "Approved"}]
        requests.append(request)
    control(server, "PUT", "scenario", {"requests": requests})
    control(server, "POST", "reset-calls")
    return [request_id(number) for number in range(1, waiting + 1)]


def defaults(server: Running, **options: Any) -> dict[str, Any]:
    """The play's module_defaults for the collection."""
    return {"group/certops.mimcm.mimcm": {"url": server.origin, "auth_method": "none", **options}}

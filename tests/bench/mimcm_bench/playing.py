# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks, and say what they cost: time, processor time, memory, and what the server saw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mimcm_simulator.launch import Running

BENCH = Path(__file__).resolve().parents[1]

# The number of the status that the requests are to reach.
APPROVED = 3
# When the first tenth of the requests is approved, the time between tenths, and the interval between polls.
FIRST, EVERY = 5.0, 1.0


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
    output = folder / "output.txt"
    metered = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("meter.py")), str(output), *command, str(playbook)],
        env={**os.environ, **settings, **(environment or {})},
        stdout=subprocess.PIPE,
        check=True,
    )
    cost = json.loads(metered.stdout)
    if cost["exit_code"]:
        sys.exit(f"The playbook failed:\n{output.read_text(encoding='utf-8')[-20000:]}")
    tasks = [json.loads(line) for line in durations.read_text(encoding="utf-8").splitlines()]
    return Played(cost["seconds"], cost["cpu"], cost["peak"], tasks)


def seen(server: Running) -> dict[str, float]:
    """What the server has seen since its counters were at zero."""
    calls = server.call("calls")
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
    server.call("scenario", {"requests": requests}, "PUT", timeout=600)
    server.call("reset-calls", method="POST")
    return [request_id(number) for number in range(1, waiting + 1)]


def plays(server: Running, *tasks: dict[str, Any], hosts: str = "bench", **options: Any) -> list[dict[str, Any]]:
    """A playbook of one play with tasks.

    Args:
        server: What the collection's tasks talk to.
        tasks: The play's tasks.
        hosts: Which hosts it is for.
        options: The collection's options; by default nobody signs in.
    """
    account = {"url": server.origin, "auth_method": "none", **options}
    defaults = {"group/certops.mimcm.mimcm": account}
    return [{"hosts": hosts, "gather_facts": False, "module_defaults": defaults, "tasks": list(tasks)}]


def until_approved(server: Running, request: str) -> dict[str, Any]:
    """What users do without the collection: a task that asks again and again.

    Args:
        server: The server.
        request: The request's id, or an expression for it.
    """
    return {
        "name": "Wait",
        "ansible.builtin.uri": {"url": f"{server.url}/requests/{request}"},
        "register": "answer",
        "until": f"answer.json.Status == {APPROVED}",
        "retries": 600,
        "delay": EVERY,
    }

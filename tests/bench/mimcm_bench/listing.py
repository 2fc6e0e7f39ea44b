# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(d) Listing and normalising long lists."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mimcm_simulator.launch import Running

from .playing import defaults, play, world
from .samples import Column, Sample, Section

SECTION = Section(
    title="(d) Listing requests",
    about="Nine of ten requests are Completed, one is Pending. The first rows are one Python process each, without "
    "Ansible: what it costs to parse the server's answer and to make of it what users see, and how much memory the "
    "process takes for that at the most. The others are tasks in a playbook that registers the result.",
    sized="requests",
    columns={
        "cpu": Column("s of CPU", digits=3),
        "seconds": Column("s in all", digits=2),
        "peak": Column("MB of memory", 1e-6, 0),
        "held": Column("MB held in the end", 1e-6, 0),
    },
    ratios={
        "CPU of json.loads": ("cpu", "json.loads"),
        "memory of json.loads": ("peak", "json.loads"),
        "time of uri": ("seconds", "uri"),
    },
    growing=("cpu", "peak"),
)
PROBES = {
    "json.loads": "loads",
    "json.loads, normalised": "normalise",
    "download and json.loads": "download",
    "client.list_requests": "client",
}
# What uri returns is also printed by its module and read again: with more the memory of a small machine is full.
URI_MAX = 10000


def measure(server: Running, folder: Path, sizes: list[int]) -> Iterator[Sample]:
    """List each number of requests in each way."""
    for size in sizes:
        world(server, size // 10, size - size // 10)
        for name, kind in PROBES.items():
            command = [sys.executable, str(Path(__file__).with_name("probe.py")), kind, server.origin]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            yield Sample(name, size, json.loads(done.stdout))
        idle = play(folder, _plays(server, {"ansible.builtin.set_fact": {"measured": 1}}))
        for name, task in _tasks(server).items():
            if name != "uri" or size <= URI_MAX:
                played = play(folder, _plays(server, task))
                values = {"seconds": played.tasks[-1]["seconds"], "cpu": max(played.cpu - idle.cpu, 1e-6)}
                yield Sample(name, size, {**values, "peak": played.peak})


def _tasks(server: Running) -> dict[str, dict[str, Any]]:
    return {
        "mimcm_request_info": {"certops.mimcm.mimcm_request_info": {}},
        "mimcm_request_info, status": {"certops.mimcm.mimcm_request_info": {"status": "Pending"}},
        "mimcm_request_info, query": {"certops.mimcm.mimcm_request_info": {"query": "[?status=='Pending'].uuid"}},
        "uri": {"ansible.builtin.uri": {"url": f"{server.url}/requests", "timeout": 300}},
    }


def _plays(server: Running, task: dict[str, Any]) -> list[dict[str, Any]]:
    tasks = [{"name": "List", **task, "register": "listed"}]
    return [{"hosts": "bench", "gather_facts": False, "module_defaults": defaults(server), "tasks": tasks}]

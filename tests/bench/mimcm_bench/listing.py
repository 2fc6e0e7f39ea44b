# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(d) Listing and normalising long lists."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mimcm_simulator.launch import Running

from .playing import Played, play, plays, world
from .samples import Column, Ratio, Sample, Section

SECTION = Section(
    title="(d) Listing requests, without Ansible",
    about="Each row is a Python process: what it costs to parse the server's answer and to make of it what users see, "
    "and how much memory the process takes for that at the most. Nine of ten requests are Completed, one is Pending.",
    sized="requests",
    columns={
        "cpu": Column("s of CPU", digits=3),
        "seconds": Column("s in all", digits=2),
        "peak": Column("MB of memory", 1e-6, 0),
        "held": Column("MB held in the end", 1e-6, 0),
    },
    ratios=(
        Ratio("of json.loads, CPU", "cpu", "json.loads", of_this=True),
        Ratio("of json.loads, memory", "peak", "json.loads", of_this=True),
        Ratio("of download and json.loads, CPU", "cpu", "download and json.loads", of_this=True),
    ),
    growing=("cpu", "peak"),
)
TASKS_SECTION = Section(
    title="(d) Listing requests in a task",
    about="The same requests, listed by a task that registers its result. Memory is that of the playbook's largest "
    "process.",
    sized="requests",
    columns={
        "seconds": Column("s of the task", digits=2),
        "cpu": Column("s of CPU", digits=2),
        "peak": Column("MB of memory", 1e-6, 0),
    },
    ratios=(Ratio("uri, time", "seconds", "uri"), Ratio("uri, memory", "peak", "uri")),
    growing=("seconds", "peak"),
)
PROBES = {
    "json.loads": "loads",
    "parsed and normalised": "normalise",
    "download and json.loads": "download",
    "client.list_requests": "client",
}


def measure(server: Running, sizes: list[int]) -> Iterator[Sample]:
    """List each number of requests in each way."""
    # A plain Python process finds the collection by Python's own path.
    environment = {**os.environ, "PYTHONPATH": os.environ.get("ANSIBLE_COLLECTIONS_PATH", "")}
    for size in sizes:
        world(server, size // 10, size - size // 10)
        for name, kind in PROBES.items():
            command = [sys.executable, str(Path(__file__).with_name("probe.py")), kind, server.origin]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
            yield Sample(name, size, json.loads(done.stdout))


def measure_tasks(server: Running, folder: Path, sizes: list[int]) -> Iterator[Sample]:
    """List each number of requests by each task."""
    idle = _played(server, folder, {"ansible.builtin.set_fact": {"measured": 1}})
    for size in sizes:
        world(server, size // 10, size - size // 10)
        for name, task in _tasks(server).items():
            played = _played(server, folder, task)
            cpu = max(played.cpu - idle.cpu, 1e-6)
            yield Sample(name, size, {"seconds": played.tasks[-1]["seconds"], "cpu": cpu, "peak": played.peak})


def _tasks(server: Running) -> dict[str, dict[str, Any]]:
    return {
        "mimcm_request_info": {"certops.mimcm.mimcm_request_info": {}},
        "mimcm_request_info, status": {"certops.mimcm.mimcm_request_info": {"status": "Pending"}},
        "mimcm_request_info, query": {"certops.mimcm.mimcm_request_info": {"query": "[?status=='Pending'].uuid"}},
        "uri": {"ansible.builtin.uri": {"url": f"{server.url}/requests", "timeout": 300}},
    }


def _played(server: Running, folder: Path, task: dict[str, Any]) -> Played:
    return play(folder, plays(server, {"name": "List", **task, "register": "listed"}))

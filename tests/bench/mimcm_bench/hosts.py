# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(c) Many hosts that each wait for a request of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mimcm_simulator.launch import Running

from .playing import APPROVED, defaults, play, seen, world
from .samples import Column, Ratio, Sample, Section

FACTS = "five tasks of set_fact"

SECTION = Section(
    title="(c) Hosts that each wait for a request",
    about="The role request_wait beside uri and until for each host. From five seconds after the start on, a tenth of "
    "the requests is approved each second. The middle rows are what Ansible itself takes for so many tasks.",
    sized="forks",
    columns={
        "calls": Column("HTTP calls", digits=0),
        "seconds": Column("s in all"),
        "cpu": Column("s of CPU"),
        "host": Column("ms of CPU per host", 1000, 0),
        "peak": Column("MB of memory", 1e-6, 0),
    },
    ratios=(
        Ratio("uri, calls", "calls", "uri and until"),
        Ratio("uri, CPU", "cpu", "uri and until"),
        Ratio("of five tasks, CPU", "cpu", FACTS, of_this=True),
    ),
)
FIRST, EVERY = 5.0, 1.0


def measure(server: Running, folder: Path, count: int, forks: list[int], others: bool) -> Iterator[Sample]:
    """Wait once with each number of forks."""
    for number in forks:
        yield _measured(server, folder, count, number, "role request_wait", _role(server))
        if others:
            yield _measured(server, folder, count, number, FACTS, _facts())
            yield _measured(server, folder, count, number, "uri and until", _uri(server))


def _measured(server: Running, folder: Path, count: int, forks: int, name: str, content: dict[str, Any]) -> Sample:
    ids = world(server, count, 0, FIRST, EVERY)
    hosts = [f"host{number:04d}" for number in range(count)]
    plays = [{"hosts": "all", "gather_facts": False, "module_defaults": defaults(server), **content}]
    own = {host: {"enrolment_request": found} for host, found in zip(hosts, ids, strict=True)}
    played = play(folder, plays, own, forks=forks)
    values = {**played.values(), **seen(server), "host": played.cpu / count}
    return Sample(name, forks, values)


def _role(server: Running) -> dict[str, Any]:
    variables = {
        "request_wait_request_ids": "{{ enrolment_request }}",
        "request_wait_states": ["Approved"],
        "request_wait_poll_interval": EVERY,
        "request_wait_poll_interval_max": EVERY,
    }
    return {"roles": [{"role": "certops.mimcm.request_wait", "vars": variables}]}


def _facts() -> dict[str, Any]:
    task = {"name": "Set a fact", "ansible.builtin.set_fact": {"measured": "{{ inventory_hostname }}"}}
    return {"tasks": [task] * 5}


def _uri(server: Running) -> dict[str, Any]:
    task = {
        "name": "Wait",
        "ansible.builtin.uri": {"url": f"{server.url}/requests/{{{{ enrolment_request }}}}"},
        "register": "answer",
        "until": f"answer.json.Status == {APPROVED}",
        "retries": 600,
        "delay": EVERY,
    }
    return {"tasks": [task]}

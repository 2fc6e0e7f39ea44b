# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(c) Many hosts that each wait for a request of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mimcm_simulator.launch import Running

from .playing import EVERY, FIRST, play, plays, seen, until_approved, world
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
# As a play's roles, which are imported too: no host has a task more.
_ROLE = {
    "name": "Wait",
    "ansible.builtin.import_role": {"name": "certops.mimcm.request_wait"},
    "vars": {
        "request_wait_request_ids": "{{ enrolment_request }}",
        "request_wait_states": ["Approved"],
        "request_wait_poll_interval": EVERY,
        "request_wait_poll_interval_max": EVERY,
    },
}


def measure(server: Running, folder: Path, count: int, forks: list[int], others: bool) -> Iterator[Sample]:
    """Wait once with each number of forks."""
    fact = {"name": "Set a fact", "ansible.builtin.set_fact": {"measured": "{{ inventory_hostname }}"}}
    for number in forks:
        yield _measured(server, folder, count, number, "role request_wait", _ROLE)
        if others:
            yield _measured(server, folder, count, number, FACTS, *[fact] * 5)
            uri = until_approved(server, "{{ enrolment_request }}")
            yield _measured(server, folder, count, number, "uri and until", uri)


def _measured(server: Running, folder: Path, count: int, forks: int, name: str, *tasks: dict[str, Any]) -> Sample:
    ids = world(server, count, 0, FIRST, EVERY)
    own = {f"host{number:04d}": {"enrolment_request": found} for number, found in enumerate(ids)}
    played = play(folder, plays(server, *tasks, hosts="all"), own, forks=forks)
    return Sample(name, forks, {**played.values(), **seen(server), "host": played.cpu / count})

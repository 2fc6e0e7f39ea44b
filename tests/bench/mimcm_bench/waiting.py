# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(b) Waiting for many requests, of which a tenth is approved at each poll."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mimcm_simulator.launch import Running

from .playing import EVERY, FIRST, Played, play, plays, seen, until_approved, world
from .samples import Column, Ratio, Sample, Section

SECTION = Section(
    title="(b) Waiting for N requests",
    about="From five seconds after the start on, a tenth of the requests is approved each second; each wait polls once "
    "a second. The server also has 20,000 completed requests. Processor time and memory are the whole playbook's.",
    sized="requests",
    columns={
        "calls": Column("HTTP calls", digits=0),
        "per_look": Column("calls per look", digits=2),
        "bytes": Column("MB received", 1e-6, 2),
        "seconds": Column("s in all"),
        "cpu": Column("s of CPU"),
        "cpu_look": Column("s of CPU per look", digits=3),
        "peak": Column("MB of memory", 1e-6, 0),
    },
    ratios=(
        Ratio("uri, calls", "calls", "uri and until for each"),
        Ratio("uri, CPU", "cpu", "uri and until for each"),
    ),
    growing=("per_look", "cpu_look"),
)
HISTORY = 20000
# More would take uri a minute for each hundred.
URI_MAX = 100


def measure(server: Running, folder: Path, sizes: list[int], with_uri: bool) -> Iterator[Sample]:
    """Wait once for each number of requests."""
    # What a playbook costs that waits for nothing.
    idle = _waited(server, folder, [])
    for size in sizes:
        ids = world(server, size, HISTORY, FIRST, EVERY)
        played = _waited(server, folder, ids)
        look = played.tasks[-1]["result"]
        counted = {**played.values(), **seen(server)}
        per_look = {
            "per_look": look["http_calls"] / look["polls"],
            "cpu_look": max(counted["cpu"] - idle.cpu, 1e-6) / look["polls"],
        }
        yield Sample("mimcm_request_wait", size, {**counted, **per_look})
        if with_uri and size <= URI_MAX:
            ids = world(server, size, HISTORY, FIRST, EVERY)
            task = {**until_approved(server, "{{ item }}"), "loop": "{{ ids }}"}
            played = play(folder, plays(server, task), variables={"ids": ids})
            yield Sample("uri and until for each", size, {**played.values(), **seen(server)})


def _waited(server: Running, folder: Path, ids: list[str]) -> Played:
    pace = {"poll_interval": EVERY, "poll_interval_max": EVERY, "states": ["Approved"]}
    task = {"certops.mimcm.mimcm_request_wait": {"request_ids": "{{ ids }}", **pace}}
    return play(folder, plays(server, {"name": "Wait", **task}), variables={"ids": ids})

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(a) One call for each task, and for each item of a loop."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from mimcm_simulator.launch import Running

from .playing import BENCH, play, plays
from .samples import Column, Ratio, Sample, Section

SECTION = Section(
    title="(a) One call for each task and loop item",
    about="Each row is a task with one call to the server, in a loop and on its own. The modules that write find that "
    "nothing is left to do; mimcm_request and mimcm_ping make several calls. A lookup that is in a play before any "
    "module of the collection has to be read first, for each task.",
    sized="",
    columns={"item": Column("ms per loop item", 1000), "single": Column("ms as a single task", 1000)},
    ratios=(
        Ratio("uri, per item", "item", "ansible.builtin.uri"),
        Ratio("uri, single", "single", "ansible.builtin.uri"),
        Ratio("of set_fact, per item", "item", "ansible.builtin.set_fact", of_this=True),
    ),
)
SINGLES = 5
# As modules they take as long as uri: fewer items show that.
SLOW_ITEMS = 5


def measure(server: Running, folder: Path, items: int) -> Iterator[Sample]:
    """Measure each kind of task once."""
    tables = yaml.safe_load((BENCH / "tasks.yml").read_text(encoding="utf-8"))
    server.call("scenario", tables["world"], "PUT")
    rows = list(_rows(tables, server.url))
    playbook = plays(server, *(task for row in rows for task in _tasks(*row, items)))
    # For the lookups.
    account = {"mimcm_url": server.origin, "mimcm_auth_method": "none"}
    seconds: dict[str, list[float]] = {}
    for task in play(folder, playbook, variables=account).tasks:
        seconds.setdefault(task["task"], []).append(task["seconds"])
    for name, _task, slow in rows:
        count = SLOW_ITEMS if slow else items
        single = statistics.median(seconds[f"{name}, single"])
        yield Sample(name, 1, {"item": seconds[name][0] / count, "single": single})


def _rows(tables: dict[str, Any], base: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Each row's name, its task, and whether it is slow."""
    yield "ansible.builtin.set_fact", {"ansible.builtin.set_fact": {"measured": 1}}, False
    lookups = {name: {"ansible.builtin.set_fact": {"measured": text}} for name, text in tables["lookups"].items()}
    yield "lookup mimcm_request, before any module", lookups["mimcm_request"], False
    for name, options in tables["modules"].items():
        yield name, {f"certops.mimcm.{name}": options}, False
    for name, task in lookups.items():
        yield f"lookup {name}", task, False
    for name, options in tables["modules"].items():
        # A task with an environment of its own leaves the controller's process.
        elsewhere = {f"certops.mimcm.{name}": options, "environment": {"MIMCM_BENCH": "as a module"}}
        yield f"{name}, as a module", elsewhere, True
    yield "ansible.builtin.ping", {"ansible.builtin.ping": {}}, True
    request = tables["modules"]["mimcm_request_info"]["request_ids"][0]
    yield "ansible.builtin.uri", {"ansible.builtin.uri": {"url": f"{base}/requests/{request}"}}, True


def _tasks(name: str, task: dict[str, Any], slow: bool, items: int) -> Iterator[dict[str, Any]]:
    count = SLOW_ITEMS if slow else items
    yield {"name": name, **task, "loop": list(range(count))}
    for _single in range(SINGLES):
        yield {"name": f"{name}, single", **task}

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the time per loop item of the collection beside what users have without it, in one run against one server.

Prints a table of medians over several runs, and each row's ratio to ansible.builtin.uri and to set_fact.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

# The tasks of items.yml that the others are compared with.
URI, SET_FACT = "Look up with uri", "Set a fact"
BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH.parent / "simulator"))

from mimcm_simulator.launch import running


def main() -> int:
    """Return 0 when every row was measured."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder, running() as server:
        measured = defaultdict(list)
        for run in range(options.runs):
            print(f"Run {run + 1} of {options.runs}", flush=True)
            for task, seconds in play(Path(folder, f"run-{run}.jsonl"), server.origin, options.items):
                measured[task].append(seconds / options.items)
    print_table({task: statistics.median(values) for task, values in measured.items()}, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="how many runs to take the median of")
    parser.add_argument("--items", type=int, default=30, help="how many items each loop has")
    return parser.parse_args()


def play(durations: Path, origin: str, items: int) -> list[tuple[str, float]]:
    """Run the playbook and return each task with the seconds it took."""
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACK_PLUGINS": str(BENCH / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "durations",
        "BENCH_DURATIONS": str(durations),
    }
    variables = json.dumps({"bench_url": origin, "bench_items": items})
    inventory = f"bench ansible_connection=local ansible_python_interpreter='{sys.executable}'\n"
    inventory_file = durations.with_suffix(".ini")
    inventory_file.write_text(inventory)
    command = [sys.executable, "-m", "ansible", "playbook", "-i", str(inventory_file), "-e", variables]
    done = subprocess.run(
        [*command, str(BENCH / "items.yml")], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"The playbook failed:\n{done.stdout}\n{done.stderr}")
    lines = [json.loads(line) for line in durations.read_text().splitlines()]
    return [(line["task"], line["seconds"]) for line in lines]


def print_table(medians: dict[str, float], options: argparse.Namespace) -> None:
    """Print the medians, fastest first."""
    print(f"\nTime per item of a loop of {options.items}, median of {options.runs} runs, one local host")
    print(f"{'task':48} {'ms per item':>12} {'uri takes':>12} {'of set_fact':>12}")
    for task, seconds in sorted(medians.items(), key=lambda row: row[1]):
        faster, slower = medians[URI] / seconds, seconds / medians[SET_FACT]
        print(f"{task:48} {seconds * 1000:12.1f} {faster:10.1f} x {slower:10.1f} x")


if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure the collection beside what users have without it, in one run against one server.

Prints tables of medians with the ratios to the alternatives, and writes them with a picture and the numbers as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "simulator"), str(TESTS / "adfs")]

from mimcm_bench import hosts, listing, picture, report, signing_in, tasks, waiting
from mimcm_bench.playing import BENCH
from mimcm_bench.samples import Sample, Section, medians
from mimcm_simulator.launch import Running, running

SECTIONS: dict[str, Section] = {
    "tasks": tasks.SECTION,
    "waiting": waiting.SECTION,
    "hosts": hosts.SECTION,
    "listing": listing.SECTION,
    "listing_tasks": listing.TASKS_SECTION,
    "signing_in": signing_in.SECTION,
}


def main() -> int:
    """Return 0 when everything was measured."""
    options = arguments()
    samples: dict[str, list[Sample]] = {key: [] for key in SECTIONS if key in options.only}
    with tempfile.TemporaryDirectory() as folder, running("--no-documented") as server:
        for run in range(options.runs):
            for key, found in samples.items():
                print(f"Run {run + 1} of {options.runs}: {SECTIONS[key].title}", flush=True)
                found += measures(options, server, Path(folder), first=run == 0)[key]()
    results = {key: (SECTIONS[key], medians(found)) for key, found in samples.items()}
    print(f"\n{about(options)}\n\n{report.tables(results, 'simple')}")
    write(results, options)
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="how many runs to take the median of")
    parser.add_argument("--items", type=int, default=30, help="how many items the loops of the tasks have")
    parser.add_argument("--waits", type=int, nargs="+", default=[1, 10, 100, 1000, 10000], help="requests to wait for")
    parser.add_argument("--hosts", type=int, default=500, help="how many hosts wait for a request each")
    parser.add_argument("--forks", type=int, nargs="+", default=[5, 50], help="with how many forks")
    parser.add_argument("--lists", type=int, nargs="+", default=[1000, 10000, 100000], help="requests to list")
    parser.add_argument("--sign-ins", type=int, nargs="+", default=[1, 20], help="items to look up after signing in")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS), help="what to measure")
    parser.add_argument("--output", type=Path, default=BENCH.parents[1] / "docs" / "performance", help="where to write")
    return parser.parse_args()


def measures(
    options: argparse.Namespace, server: Running, folder: Path, first: bool
) -> dict[str, Callable[[], Iterator[Sample]]]:
    """How each section is measured once; what takes minutes without the collection, in the first run only."""
    return {
        "tasks": lambda: tasks.measure(server, folder, options.items),
        "waiting": lambda: waiting.measure(server, folder, options.waits, first),
        "hosts": lambda: hosts.measure(server, folder, options.hosts, options.forks, first),
        "listing": lambda: listing.measure(server, options.lists),
        "listing_tasks": lambda: listing.measure_tasks(server, folder, options.lists),
        "signing_in": lambda: signing_in.measure(folder, options.sign_ins),
    }


def about(options: argparse.Namespace) -> str:
    machine = report.machine()
    runs = "One run" if options.runs == 1 else f"Medians of {options.runs} runs"
    return (
        f"{runs} on {machine['processors']} processors ({machine['system']}), "
        f"Python {machine['python']}, ansible-core {machine['ansible_core']}. In (c) there are {options.hosts} hosts."
    )


def write(results: report.Results, options: argparse.Namespace) -> None:
    """Write the tables, the numbers and the picture."""
    options.output.mkdir(parents=True, exist_ok=True)
    text = f"# Measurements\n\n{about(options)}\n\n{report.tables(results, 'github')}\n"
    (options.output / "results.md").write_text(text, encoding="utf-8")
    numbers = json.dumps(report.document(results, options.runs), indent=1)
    (options.output / "results.json").write_text(numbers + "\n", encoding="utf-8")
    picture.draw(results, options.output / "results.svg")
    print(f"\nWritten: results.md, results.json and results.svg in {options.output}")


if __name__ == "__main__":
    sys.exit(main())

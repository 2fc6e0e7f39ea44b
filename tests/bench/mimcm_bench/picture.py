# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt

from .report import Results
from .samples import Sample

OURS, THEIRS, PLAIN = "#1f6fb2", "#c8553d", "#7a7a7a"


def draw(results: Results, path: Path) -> None:
    """Write a picture of the sections that were measured."""
    drawn = [key for key in DRAWINGS if key in results]
    # The same results make the same file, and text stays text.
    plt.rcParams.update({"svg.hashsalt": "certops.mimcm", "svg.fonttype": "none", "font.family": "sans-serif"})
    figure, axes = plt.subplots(len(drawn), 1, figsize=(9, 4.6 * len(drawn)), squeeze=False, layout="constrained")
    for key, (axis,) in zip(drawn, axes, strict=True):
        DRAWINGS[key](axis, results[key][1])
        axis.set_title(results[key][0].title, loc="left", fontweight="bold")
        axis.grid(visible=True, which="major", alpha=0.3)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    figure.savefig(path, metadata={"Date": None}, facecolor="white")
    plt.close(figure)


def _tasks(axis: Any, samples: list[Sample]) -> None:
    shown = sorted(samples, key=lambda sample: -sample.values["item"])
    colours = [_colour(sample.name) for sample in shown]
    axis.barh([sample.name for sample in shown], [sample.values["item"] * 1000 for sample in shown], color=colours)
    axis.set_xscale("log")
    axis.set_xlabel("milliseconds per loop item, logarithmic")
    axis.tick_params(axis="y", labelsize=7)


def _waiting(axis: Any, samples: list[Sample]) -> None:
    _lines(axis, samples, "calls")
    axis.set_ylabel("HTTP calls")
    axis.set_xlabel("requests that are waited for")


def _listing(axis: Any, samples: list[Sample]) -> None:
    _lines(axis, samples, "cpu")
    axis.set_ylabel("seconds of CPU")
    axis.set_xlabel("requests in the list")


def _hosts(axis: Any, samples: list[Sample]) -> None:
    labels = [f"{sample.name}, {sample.size} forks" for sample in samples]
    axis.barh(labels, [sample.values["cpu"] for sample in samples], color=[_colour(sample.name) for sample in samples])
    axis.set_xlabel("seconds of CPU on the controller")


def _signing_in(axis: Any, samples: list[Sample]) -> None:
    largest = max(sample.size for sample in samples)
    shown = [sample for sample in samples if sample.size == largest]
    axis.barh([sample.name for sample in shown], [sample.values["item"] * 1000 for sample in shown], color=OURS)
    for position, sample in enumerate(shown):
        axis.annotate(
            f" {sample.values['trip_item']:.2f} round trips", (sample.values["item"] * 1000, position), va="center"
        )
    axis.set_xlabel(f"milliseconds per item in a loop of {largest}")
    axis.margins(x=0.25)


def _lines(axis: Any, samples: list[Sample], column: str) -> None:
    for name in dict.fromkeys(sample.name for sample in samples):
        points = [(sample.size, sample.values[column]) for sample in samples if sample.name == name]
        style = "-" if _colour(name) == OURS else "--"
        axis.plot(*zip(*points, strict=True), style, marker="o", label=name)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.legend(fontsize=8)


def _colour(name: str) -> str:
    if "uri" in name or name.endswith("as a module"):
        return THEIRS
    return OURS if "mimcm" in name or "role" in name else PLAIN


DRAWINGS = {
    "tasks": _tasks,
    "waiting": _waiting,
    "hosts": _hosts,
    "listing": _listing,
    "listing_tasks": _listing,
    "signing_in": _signing_in,
}

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as tables for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.release import __version__ as ansible_version
from tabulate import tabulate

from .samples import Sample, Section, compared, growth

Results = Mapping[str, tuple[Section, list[Sample]]]


def tables(results: Results, style: str) -> str:
    """Return all tables.

    Args:
        results: The medians of each section.
        style: A format of tabulate: V(simple) for a screen, V(github) for a page.
    """
    return "\n\n".join(_table(section, samples, style) for section, samples in results.values())


def document(results: Results, runs: int) -> dict[str, Any]:
    """Return the results for JSON, in seconds and bytes."""
    return {
        "machine": machine(),
        "runs": runs,
        "sections": {
            key: {
                "title": section.title,
                "about": section.about,
                "samples": [
                    {
                        "name": sample.name,
                        "size": sample.size,
                        **sample.values,
                        "ratios": dict(_ratios(section, samples, sample)),
                    }
                    for sample in samples
                ],
                "growth": [
                    {"name": name, "column": column, "power": round(power, 3)}
                    for name, column, power in _growths(section, samples)
                ],
            }
            for key, (section, samples) in results.items()
        },
    }


def machine() -> dict[str, Any]:
    """What was measured on."""
    return {
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "ansible_core": ansible_version,
    }


def _table(section: Section, samples: list[Sample], style: str) -> str:
    headings = ["", *([section.sized] if section.sized else [])]
    headings += [column.label for column in section.columns.values()] + [ratio.label for ratio in section.ratios]
    rows = [list(_row(section, samples, sample)) for sample in samples]
    table = tabulate(rows, headings, style, disable_numparse=True, colalign=["left"] + ["right"] * (len(headings) - 1))
    heading = f"## {section.title}" if style == "github" else section.title
    lines = [heading, "", section.about, "", table]
    grown = _growth_table(section, samples, style)
    return "\n".join([*lines, "", grown] if grown else lines)


def _growth_table(section: Section, samples: list[Sample], style: str) -> str:
    """Return how the numbers grow, empty where nothing does."""
    powers = {(name, column): power for name, column, power in _growths(section, samples)}
    if not powers:
        return ""
    headings = [f"grows with the number of {section.sized} to the power of"]
    headings += [section.columns[column].label for column in section.growing]
    rows = [
        [name, *(f"{powers[name, column]:.2f}" if (name, column) in powers else "" for column in section.growing)]
        for name in dict.fromkeys(name for name, _column in powers)
    ]
    return tabulate(rows, headings, style, disable_numparse=True, colalign=["left", *["right"] * len(section.growing)])


def _row(section: Section, samples: list[Sample], sample: Sample) -> Iterator[str]:
    yield sample.name
    if section.sized:
        yield f"{sample.size:,}"
    for name, column in section.columns.items():
        value = sample.values.get(name)
        yield "" if value is None else f"{value * column.factor:,.{column.digits}f}"
    for _label, value in _ratios(section, samples, sample):
        yield "" if value is None else f"{value:,.2f} x"


def _ratios(section: Section, samples: list[Sample], sample: Sample) -> Iterator[tuple[str, float | None]]:
    for ratio in section.ratios:
        yield ratio.label, compared(samples, sample, ratio)


def _growths(section: Section, samples: list[Sample]) -> Iterator[tuple[str, str, float]]:
    for name in dict.fromkeys(sample.name for sample in samples):
        for column in section.growing:
            power = growth(samples, name, column)
            if power is not None:
                yield name, column, power

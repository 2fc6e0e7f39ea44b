# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is measured: a thing, how many of it, and numbers."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """One measurement, or the medians of several.

    Args:
        name: What was measured.
        size: How many requests, hosts or items there were.
        values: The numbers, by the names of the section's columns.
    """

    name: str
    size: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class Column:
    """A number that a section has.

    Args:
        label: What the table calls it.
        factor: From seconds or bytes to the label's unit.
        digits: How many digits follow the point.
    """

    label: str
    factor: float = 1.0
    digits: int = 1


@dataclass(frozen=True)
class Ratio:
    """How a number compares with that of the alternative.

    Args:
        label: What the table calls it.
        column: Which number.
        other: The name of the sample that is compared with.
        of_this: Whether it says how many times the alternative's number this one is, or the other way round.
    """

    label: str
    column: str
    other: str
    of_this: bool = False


@dataclass(frozen=True)
class Section:
    """A table of the results.

    Args:
        title: Its heading.
        about: What is measured, in a sentence or two.
        sized: What a sample's size is; empty if it says nothing.
        columns: The numbers by name.
        ratios: What is compared.
        growing: The columns whose growth with the size is told.
    """

    title: str
    about: str
    sized: str
    columns: Mapping[str, Column]
    ratios: tuple[Ratio, ...] = ()
    growing: tuple[str, ...] = ()


def medians(samples: Iterable[Sample]) -> list[Sample]:
    """Return one sample for each thing and size, in the order in which they came first."""
    grouped: dict[tuple[str, int], dict[str, list[float]]] = {}
    for sample in samples:
        values = grouped.setdefault((sample.name, sample.size), defaultdict(list))
        for name, value in sample.values.items():
            values[name].append(value)
    return [
        Sample(name, size, {key: statistics.median(numbers) for key, numbers in values.items()})
        for (name, size), values in grouped.items()
    ]


def compared(samples: list[Sample], sample: Sample, ratio: Ratio) -> float | None:
    """Return a ratio to the alternative of the same size, None where there is none."""
    other = next((found for found in samples if (found.name, found.size) == (ratio.other, sample.size)), None)
    numbers = (other.values.get(ratio.column) if other else None, sample.values.get(ratio.column))
    if not all(numbers):
        return None
    theirs, this = (float(number or 0) for number in numbers)
    return this / theirs if ratio.of_this else theirs / this


def growth(samples: list[Sample], name: str, column: str) -> float | None:
    """Return the power of the size with which a number grows: 0 if it does not, 1 in proportion."""
    points = [
        (math.log(found.size), math.log(found.values[column]))
        for found in samples
        if found.name == name and found.values.get(column, 0) > 0
    ]
    if len({size for size, _value in points}) < 2:
        return None
    return statistics.linear_regression(*zip(*points, strict=True)).slope

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts as parts of sentences. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice


def clause(text: str) -> str:
    """Return somebody else's sentence as a part of one of ours: in one line, and without its full stop."""
    return " ".join(text.split()).rstrip(".")


def some(names: Iterable[str], total: int, most: int, also: str = "and {} more", separator: str = ", ") -> str:
    """Return names one after the other, and how many were left out.

    Args:
        names: The names; those beyond the limit are not even made when they are generated.
        total: How many there are.
        most: How many to name.
        also: What is said of the others, with C({}) for their number.
        separator: What stands between two.
    """
    named = separator.join(islice(names, most))
    return f"{named}{separator.rstrip()} {also.format(total - most)}" if total > most else named


def quoted(names: Iterable[str]) -> str:
    """Return names in quotes, with commas between them."""
    return ", ".join(f"'{name}'" for name in names)


def either(names: Sequence[str]) -> str:
    """Return names as alternatives: "a, b or c"."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""

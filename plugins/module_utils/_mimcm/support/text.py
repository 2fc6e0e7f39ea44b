# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build sentences for messages: clauses, shortened lists of names, alternatives. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import cleaned


def clause(text: str) -> str:
    """Return a sentence of a server or a library as a clause: in one line, and without its full stop."""
    return " ".join(cleaned(text).split()).rstrip(".")


def some(names: Iterable[str], total: int, most: int, also: str = "and {} more", separator: str = ", ") -> str:
    """Return the first names of a list, and how many were left out.

    Args:
        names: The names. Of an iterator no more than needed are consumed.
        total: How many names there are.
        most: How many to name.
        also: What to say of the others, with C({}) for their number.
        separator: What to put between two names.
    """
    named = separator.join(islice(names, most))
    return f"{named}{separator.rstrip()} {also.format(total - most)}" if total > most else named


def quoted(names: Iterable[str]) -> str:
    """Return names in quotes, with commas between them."""
    return ", ".join(f"'{name}'" for name in names)


def either(names: Sequence[str]) -> str:
    """Return names as alternatives: "a, b or c"."""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""

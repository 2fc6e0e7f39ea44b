# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tables in Markdown whose cells show any text as it is. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

# What means something to GitHub, GitLab or Azure DevOps within a line; tags are written as entities.
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(value: Any) -> str:
    """Return a value so that it is shown as it is, in one line."""
    text = "" if value is None else " ".join(str(value).split())
    return _SPECIAL.sub(r"\\\1", text.translate(_ENTITIES))


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Return the lines of a table, with an empty line after it; nothing where there are no rows."""
    lines = [_row(escaped(cell) for cell in row) for row in rows]
    return [_row(header), _row("---" for _column in header), *lines, ""] if lines else []


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

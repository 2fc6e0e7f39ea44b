# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markdown tables whose cells show any text literally. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import cleaned

# The characters that GitHub, GitLab or Azure DevOps interpret within a line; HTML tags are escaped as entities.
_SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(value: Any) -> str:
    """Return a value escaped, so Markdown shows it literally and in one line."""
    text = "" if value is None else " ".join(cleaned(str(value)).split())
    return _SPECIAL.sub(r"\\\1", text.translate(_ENTITIES))


def table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    """Return the lines of a table and an empty line after it, or no lines if there are no rows."""
    lines = [_row(escaped(cell) for cell in row) for row in rows]
    return [_row(header), _row("---" for _column in header), *lines, ""] if lines else []


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"

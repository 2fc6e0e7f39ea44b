# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Cells and tables of Markdown."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.markdown import escaped, table


def test_cells_and_tables() -> None:
    assert escaped(None) == ""
    assert escaped("a\r\n\tb") == "a b"
    assert table(("A",), []) == []
    assert table(("A", "B"), [("1", None)]) == ["| A | B |", "| --- | --- |", "| 1 |  |", ""]

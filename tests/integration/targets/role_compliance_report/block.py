# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print the block of a page whose first line is a comment with a file's name: PAGE NAME."""

from __future__ import annotations

import re
import sys
from pathlib import Path


def main() -> None:
    page, name = sys.argv[1:]
    text = Path(page).read_text(encoding="utf-8")
    (block,) = re.findall(rf"```\w+\n(# {re.escape(name)}\n.*?)```", text, re.DOTALL)
    print(block, end="")


if __name__ == "__main__":
    main()

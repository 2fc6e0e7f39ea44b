# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests of pages in a browser: python tests/pages [--required] [pytest arguments]

Without Debian's Chromium it says so and ends well; with --required that is a failure.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mimcm_pages.browser import program

PAGES = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    required = "--required" in arguments
    rest = [argument for argument in arguments if argument != "--required"]
    if program() is None:
        print("SKIPPED: the package chromium is missing.", flush=True)
        return 1 if required else 0
    return subprocess.run([sys.executable, "-m", "pytest", str(PAGES), *rest], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

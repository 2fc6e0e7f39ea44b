# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the tests against real peers: python tests/directory [--required] [pytest arguments]

Without root or the packages it says so and ends well; with --required that is a failure.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mimcm_directory.namespace import SKIPPED, inside

TESTS = Path(__file__).resolve().parent / "tests"


def main(arguments: list[str]) -> int:
    required = "--required" in arguments
    rest = [argument for argument in arguments if argument != "--required"]
    code = inside([sys.executable, "-m", "pytest", str(TESTS), *rest])
    return 0 if code == SKIPPED and not required else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

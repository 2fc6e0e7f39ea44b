# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the reference server: python tests/simulator --port 8443"""

from __future__ import annotations

import sys

from mimcm_simulator.cli import main

if __name__ == "__main__":
    sys.exit(main())

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the stand-in for AD FS: python tests/adfs --port 8444"""

from __future__ import annotations

import sys
from pathlib import Path

# Windows authentication, TLS and the files of a running server are those of the reference server.
sys.path.append(str(Path(__file__).resolve().parents[1] / "simulator"))

from mimcm_adfs.cli import main

if __name__ == "__main__":
    sys.exit(main())

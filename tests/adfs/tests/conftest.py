# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tests start the stand-in as users do: as a process of its own, on a free port."""

from __future__ import annotations

import sys
from pathlib import Path

ADFS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ADFS), str(ADFS.parent / "simulator")]

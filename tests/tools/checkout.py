# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things are in this checkout."""

from __future__ import annotations

import re
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tests" / "tools"
REQUIREMENTS = ROOT / "tests" / "requirements"
WORK = ROOT / ".nox"


def home(session: nox.Session) -> Path:
    """Return the home directory for a session's processes, a separate one, so sessions can run in parallel."""
    return WORK / "home" / slug(session)


def slug(session: nox.Session) -> str:
    return re.sub(r"\W+", "-", session.name).strip("-")

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Prints the result of a nox run from its --report file; the last line is `N passed, N failed`.

A session that was skipped did not pass: it counts as failed. No report, or an empty one, is a failure too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def read(report: Path) -> list[dict[str, Any]]:
    try:
        sessions: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["sessions"]
    except (OSError, ValueError, KeyError) as error:
        print(f"nox left no report: {error}")
        return []
    return sessions


def signature(session: dict[str, Any]) -> str:
    return str((session.get("signatures") or [session["name"]])[0])


def main() -> int:
    sessions = read(Path(sys.argv[1]))
    passed = [session for session in sessions if session["result"] == "success"]
    failed = len(sessions) - len(passed) or (0 if sessions else 1)
    print()
    for session in sessions:
        note = " (a skipped session is not a passed one)" if session["result"] == "skipped" else ""
        print(f"{session['result']:8} {session.get('duration', 0.0):6.0f} s  {signature(session)}{note}")
    print(f"{len(passed)} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

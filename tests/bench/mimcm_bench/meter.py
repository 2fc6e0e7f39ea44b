# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command with its output in a file, and print as JSON what it cost: OUTPUT COMMAND...

This is a process of its own, because what Linux calls a process's largest memory counts the moment before its program
began, when it still was a copy of the one that started it: the measurements, which hold long lists.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main() -> None:
    with open(sys.argv[1], "w", encoding="utf-8") as output:
        start = time.perf_counter()
        process = subprocess.Popen(sys.argv[2:], stdout=output, stderr=subprocess.STDOUT)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    cost = {"seconds": seconds, "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss * 1024}
    print(json.dumps({"exit_code": process.returncode, **cost}))


if __name__ == "__main__":
    main()

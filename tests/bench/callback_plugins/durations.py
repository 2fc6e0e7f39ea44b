# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write how long each task took into the file that BENCH_DURATIONS names."""

from __future__ import annotations

DOCUMENTATION = r"""
name: durations
type: aggregate
short_description: Write how long each task took
description:
  - Appends the name of each task, its duration in seconds, and how many polls and calls it reports, as a line of
    JSON, to the file that E(BENCH_DURATIONS) names.
author:
  - CertOps contributors (@certops)
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Takes the time between a task's start and its result."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "durations"

    def __init__(self) -> None:
        super().__init__()
        self._start = 0.0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._start = time.perf_counter()

    def v2_runner_on_ok(self, result: Any) -> None:
        counted = {name: result._result[name] for name in ("polls", "http_calls") if name in result._result}
        line = {"task": result._task.name, "seconds": time.perf_counter() - self._start, "result": counted}
        with Path(os.environ["BENCH_DURATIONS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

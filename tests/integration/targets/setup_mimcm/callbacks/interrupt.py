# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Interrupts a play for the tests: the process is killed when a task of a given name has ended on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
name: interrupt
type: aggregate
short_description: Kill the play after a task
description:
  - Kills the process without any chance to clean up when the task has ended that the environment names.
options:
  after:
    description: The name of the task.
    type: str
    env:
      - name: INTERRUPT_AFTER
"""

import os
import signal

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Kills the play after a task."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "interrupt"

    def v2_runner_on_ok(self, result):
        self._kill_after(result)

    def v2_runner_on_skipped(self, result):
        self._kill_after(result)

    def _kill_after(self, result):
        task = getattr(result, "task", None) or result._task
        if task.name and task.name == self.get_option("after"):
            os.kill(os.getpid(), signal.SIGKILL)

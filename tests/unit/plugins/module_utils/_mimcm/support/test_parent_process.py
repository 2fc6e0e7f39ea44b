# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wait ends when nobody is left to take its result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.parent_process import sleep_while_wanted

# A process that starts one in a session of its own, as Ansible's workers are, which waits and writes how it ended.
PROGRAM = """
import os, sys, time
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import parent_process
if os.fork() == 0:
    os.setsid()
    sleep = parent_process.sleep_while_wanted()
    print("waiting", flush=True)
    try:
        for _look in range(12000):
            sleep(0.05)
        print("the time was up", flush=True)
    except errors.MimcmError as error:
        print(error, flush=True)
    os._exit(0)
time.sleep(600)
"""


def test_it_sleeps_while_it_is_wanted() -> None:
    slept: list[float] = []
    sleep = sleep_while_wanted(slept.append)
    sleep(1.5)
    sleep(0.5)
    assert slept == [1.5, 0.5]


def test_it_does_not_go_on_without_the_one_that_started_it() -> None:
    slept: list[float] = []
    parents = iter([100, 100, 1])
    sleep = sleep_while_wanted(slept.append, lambda: next(parents))
    sleep(1.5)
    with pytest.raises(MimcmError, match="has ended"):
        sleep(0.5)
    assert slept == [1.5]


def test_a_killed_process_leaves_no_wait_behind() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=environment
    ) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "waiting\n"
        started.send_signal(signal.SIGKILL)
        # It is the orphan that writes on, and then ends the output.
        assert "has ended" in started.stdout.read()

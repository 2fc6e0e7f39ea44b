# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""End a wait whose parent process has ended: killing a job should also end the waits it started. No HTTP."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError


def sleep_while_wanted(
    sleep: Callable[[float], None] = time.sleep, parent: Callable[[], int] = os.getppid
) -> Callable[[float], None]:
    """Return a function that sleeps for seconds, unless the process that started this one has ended.

    Args:
        sleep: Sleeps for seconds.
        parent: Returns the id of the parent process, which changes when that process ends.
    """
    started_by = parent()

    def sleep_on(seconds: float) -> None:
        if parent() != started_by:
            raise MimcmError(
                "The process that started this wait has ended", remedy="run the play again to go on waiting"
            )
        sleep(seconds)

    return sleep_on

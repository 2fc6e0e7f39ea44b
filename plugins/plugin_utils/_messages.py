# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection's log lines on Ansible's screen: progress for everybody, details for -vvv."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ansible.module_utils.common.parameters import remove_values
from ansible.utils.display import Display

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import cleaned

_LOG = logging.getLogger("certops.mimcm")
_LOG.setLevel(logging.DEBUG)
# Display writes Ansible's log file; if records propagated, each line would be written twice.
_LOG.propagate = False


class _DisplayHandler(logging.Handler):
    """Shows log records in the way that Ansible shows its own messages."""

    def __init__(self, task: str, host: str | None, secrets: set[str]) -> None:
        super().__init__()
        self._task, self._host, self._secrets, self._display = task, host, secrets, Display()

    def emit(self, record: logging.LogRecord) -> None:
        message = cleaned(remove_values(record.getMessage(), self._secrets))
        if record.levelno >= logging.INFO:
            where = f"[{self._host}] " if self._host else ""
            self._display.display(f"{self._task}: {where}{message}")
        else:
            self._display.vvv(f"{self._task}: {message}", host=self._host)


@contextmanager
def shown(task: str, host: str | None, secrets: set[str]) -> Iterator[None]:
    """Show the collection's log lines while the block runs.

    Args:
        task: The module's or the lookup's name, put before each line.
        host: The inventory host, None without one.
        secrets: The secrets to mask in each line.
    """
    handler = _DisplayHandler(task, host, secrets)
    _LOG.addHandler(handler)
    try:
        yield
    finally:
        _LOG.removeHandler(handler)

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide whether a task's code can run in the controller's process, or must run as a module."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ansible import constants as C

_DISCOVER = ("auto", "auto_legacy", "auto_silent", "auto_legacy_silent", "")


@dataclass(frozen=True)
class Placement:
    """The properties of a task that decide where its code runs.

    Args:
        transport: The name of the connection plugin.
        become_user: The user to become, None without become.
        asynchronous: Whether the task has C(async).
        environment: Whether the task has an environment of its own.
        interpreter: The Python interpreter that was set explicitly, None if none was.
    """

    transport: str
    become_user: str | None
    asynchronous: bool
    environment: bool
    interpreter: str | None


def placement(action: Any, task_vars: Mapping[str, Any]) -> Placement:
    """Return the placement of an action plugin's task.

    Args:
        action: The action plugin.
        task_vars: The variables of its task.
    """
    become = action._connection.become
    environment: dict[str, Any] = {}
    if any(action._task.environment or []):
        action._compute_environment_string(environment)
    return Placement(
        transport=action._connection.transport,
        become_user=(become.get_option("become_user") or "root") if become else None,
        asynchronous=bool(action._task.async_val),
        environment=bool(environment),
        interpreter=_interpreter(action, task_vars),
    )


def reason_to_leave(where: Placement) -> str | None:
    """Return why the code must run as a module, None if it may run in this process."""
    return next((reason for reason, applies in _REASONS.items() if applies(where)), None)


def _current_user() -> str | None:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return None


def _interpreter(action: Any, task_vars: Mapping[str, Any]) -> str | None:
    """Return the interpreter that variables or the configuration set, for the delegated host."""
    variables = task_vars
    if action._task.delegate_to:
        variables = task_vars.get("ansible_delegated_vars", {}).get(action._task.delegate_to, task_vars)
    wanted = C.config.get_config_value("INTERPRETER_PYTHON", variables=dict(variables))
    text = str(action._templar.template(wanted) or "").strip()
    return None if text in _DISCOVER else text


@lru_cache(maxsize=16)
def _environment_of(interpreter: str) -> tuple[str | None, str]:
    """Return what identifies a Python environment: the virtual environment's folder and the real program.

    C(bin/python) and C(bin/python3.13) of one virtual environment are the same environment; the Python that it was made
    from is another.
    """
    path = interpreter if os.path.isabs(interpreter) else shutil.which(interpreter) or interpreter
    folder = os.path.dirname(os.path.dirname(path))
    prefix = os.path.realpath(folder) if os.path.exists(os.path.join(folder, "pyvenv.cfg")) else None
    return prefix, os.path.realpath(path)


@lru_cache(maxsize=1)
def _own_environment() -> tuple[str | None, str]:
    prefix = os.path.realpath(sys.prefix) if sys.prefix != sys.base_prefix else None
    return prefix, os.path.realpath(sys.executable)


_REASONS: dict[str, Callable[[Placement], bool]] = {
    "the connection is not local": lambda where: where.transport not in ("local", "ansible.builtin.local"),
    "the task becomes another user": lambda where: where.become_user not in (None, _current_user()),
    "the task is asynchronous": lambda where: where.asynchronous,
    "the task has an environment of its own": lambda where: where.environment,
    "another Python interpreter is set": lambda where: (
        where.interpreter is not None and _environment_of(where.interpreter) != _own_environment()
    ),
}

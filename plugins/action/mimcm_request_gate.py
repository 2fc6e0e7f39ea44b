# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action shell of certops.mimcm.mimcm_request_gate, and its files on the controller."""

from __future__ import annotations

import json
import os
from typing import Any

from ansible.errors import AnsibleActionFail

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment import gate_files
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.enrolment.gate import GateResult, is_plan
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MimcmError, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.text_options import check_text
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import read_text
from ansible_collections.certops.mimcm.plugins.modules import mimcm_request_gate
from ansible_collections.certops.mimcm.plugins.plugin_utils._action_shell import ActionShell


class ActionModule(ActionShell):
    """Runs the module, and writes its files on the controller, wherever the module itself runs."""

    module = mimcm_request_gate

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Remove the verdict of an earlier run, run the module, and write the new verdict."""
        _check_paths(self._task.args)
        folder = _local(self._task.args.get("folder"))
        if folder and self._task.async_val:
            raise AnsibleActionFail(
                "folder cannot be combined with async, because its files are written when the task ends; leave one out."
            )
        if self._task.check_mode:
            folder = None
        try:
            before = gate_files.take_away(folder) if folder else {}
            plan_file = _local(self._task.args.get("plan_file"))
            if plan_file:
                self._task.args = {**self._task.args, "plan": _plan(plan_file)}
            result = super().run(tmp, task_vars)
            # Without a verdict the task failed, its host is unreachable, or it goes on asynchronously.
            if folder and "verdict" in result:
                files = gate_files.contents(_verdict(result), result["markdown"])
                gate_files.write(folder, files)
                result["changed"] = files != before
        except MimcmError as error:
            raise AnsibleActionFail(str(error)) from None
        return result


def _check_paths(arguments: dict[str, Any]) -> None:
    """Refuse paths that are not text before anything is done with them; the other options are checked later."""
    paths: dict[str, Any] = {name: arguments[name] for name in ("folder", "plan_file") if name in arguments}
    try:
        check_text(paths, mimcm_request_gate.ARGUMENT_SPEC)
    except UsageError as error:
        raise AnsibleActionFail(str(error)) from None


def _local(path: Any) -> str | None:
    """Return a path relative to the working directory of ansible-playbook, not to the playbook."""
    return None if path is None else os.path.realpath(os.path.expanduser(str(path)))


def _plan(path: str) -> Any:
    """Return the result of mimcm_enrolments in a file.

    Raises:
        UsageError: The file does not exist or is something else.
    """
    if not os.path.exists(path):
        raise UsageError(
            f"{path} does not exist", where="plan_file", remedy="run the apply step first, and keep its files"
        )
    try:
        found = json.loads(read_text(path, "plan_file"))
    except (ValueError, RecursionError):
        found = None
    if not is_plan(found):
        raise UsageError(
            f"{path} is not the result of certops.mimcm.mimcm_enrolments",
            where="plan_file",
            remedy="give the apply.json of the apply step",
        )
    return found


def _verdict(result: dict[str, Any]) -> GateResult:
    return {
        "verdict": result["verdict"],
        "exit_code": result["exit_code"],
        "counts": result["counts"],
        "requests": result["requests"],
        "removed": result["removed"],
    }

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action plugin behind every module: it runs the code in the controller's process if it can, else as a module.

Each module has an action plugin of its own name, which is derived from this class and names the module. If all names
were redirected to one plugin, Ansible would treat them as one action, and module_defaults of one module would apply to
all.
"""

from __future__ import annotations

import importlib
import shlex
from types import ModuleType
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import TOO_OLD, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.masking import masked_result, returns_secret
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.text_options import check_text
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import masked, secrets_in
from ansible_collections.certops.mimcm.plugins.plugin_utils._arguments import NotSendable, as_sent
from ansible_collections.certops.mimcm.plugins.plugin_utils._clients import shared_client
from ansible_collections.certops.mimcm.plugins.plugin_utils._messages import shown
from ansible_collections.certops.mimcm.plugins.plugin_utils._placement import placement, reason_to_leave
from ansible_collections.certops.mimcm.plugins.plugin_utils._variables import common_options


def _importable(library: str) -> bool:
    try:
        importlib.import_module(library)
    except ImportError:
        return False
    return True


# Imported here, and not when a task runs: Ansible loads this file before it forks, so all workers inherit the imports.
_LIBRARIES = {library for library in ("requests", "jmespath", "spnego", "cryptography") if _importable(library)}
# The raw output of a module that printed no valid result, which may contain the secret.
_RAW_OUTPUT = ("module_stdout", "module_stderr", "exception")


class ActionShell(ActionBase):
    """Runs the module that a derived class names: here, or on the task's host."""

    module: ModuleType
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task's module, here or on its host."""
        super().run(tmp, task_vars)
        module, name = self.module, self.module.__name__.rpartition(".")[2]
        secret = returns_secret(getattr(module, "RETURNS_SECRET", False), self._task.args)
        if secret and self._task.async_val:
            raise AnsibleActionFail(
                f"{name} does not support async, because the result file would contain the secret; remove async."
            )
        if secret:
            # With -vvv the ssh connection shows everything that a module prints, unless no_log is set here.
            self._connection._play_context.no_log = True
        result = self._run_anywhere(name, module, task_vars or {})
        if secret and not result.get("failed"):
            # Before ansible-core 2.19, the result of a loop is hidden only if no_log is set on the task.
            self._task.no_log = True
        return _hidden(result) if secret else result

    def _run_anywhere(self, name: str, module: ModuleType, task_vars: dict[str, Any]) -> dict[str, Any]:
        arguments = {**common_options(task_vars, self._templar.template, self._task.args), **self._task.args}
        try:
            # Here for both ways of running: a module gets a date as a string, and cannot tell that it was none.
            check_text(arguments, module.ARGUMENT_SPEC)
            return self._run_arguments(name, module, arguments, task_vars)
        except UsageError as error:
            return {"changed": False, "failed": True, "msg": str(error)}

    def _run_arguments(
        self, name: str, module: ModuleType, arguments: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        reason = reason_to_leave(placement(self, task_vars))
        if reason is None:
            try:
                sent = as_sent(arguments)
            except NotSendable:
                # The sentence about it is Ansible's, either way.
                reason = "its arguments cannot be sent"
        if reason is None:
            validated = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(sent)
            params = validated.validated_parameters
            # A secret in its original form, and as validated: a list has become a string by now.
            secrets = validated._no_log_values | secrets_in(params, module.ARGUMENT_SPEC)
            if validated.error_messages:
                return remove_values(_refused(name, validated.errors), secrets)
            reason = _missing_library(module, params) or getattr(module, "needs_module", lambda options: None)(params)
            if reason is None:
                open_client = getattr(module, "open_client", shared_client)
                with shown(name, None if self._task.run_once else task_vars.get("inventory_hostname"), secrets):
                    result = execute(module.run, params, self._task.check_mode, open_client)
                return self._completed(result, module, params, secrets)
        Display().vvv(f"{name}: runs as a module, because {reason}", host=task_vars.get("inventory_hostname"))
        result = self._execute_module(
            module_name=f"certops.mimcm.{name}",
            module_args=arguments,
            task_vars=task_vars,
            wrap_async=self._task.async_val,
        )
        return self._explained(result) if "module_stderr" in result else result

    def _explained(self, result: dict[str, Any]) -> dict[str, Any]:
        """Return the result of a module that printed none; if its Python is too old for the module, that says so."""
        interpreter = str(self._used_interpreter or "").removeprefix("#!").strip()
        code = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
        answer = self._low_level_execute_command(f"{interpreter} -c {shlex.quote(code)}") if interpreter else {}
        version = str(answer.get("stdout", "")).strip()
        numbers = version.split(".")
        if not all(number.isdigit() for number in numbers) or [int(number) for number in numbers] >= [3, 10]:
            return result
        return {"changed": False, "failed": True, "msg": TOO_OLD.format(interpreter=interpreter, version=version)}

    def _completed(
        self, result: dict[str, Any], module: ModuleType, params: dict[str, Any], secrets: set[str]
    ) -> dict[str, Any]:
        """Return a result as a module would: without secret options, and with the options at high verbosity."""
        hidden = returns_secret(getattr(module, "RETURNS_SECRET", False), params)
        result = masked_result(result, secrets, hidden)
        if Display().verbosity >= 3:
            result["invocation"] = {"module_args": masked(params, module.ARGUMENT_SPEC)}
        if not result.get("warnings"):
            result.pop("warnings", None)
        return result


def _missing_library(module: ModuleType, params: dict[str, Any]) -> str | None:
    """Return which library this process lacks, None for none; run as a module, the code says how to install it."""
    needed = dict.fromkeys(getattr(module, "LIBRARIES", ()), True) | {
        "requests": True,
        "jmespath": bool(params.get("query")),
        "spnego": params["auth_method"] not in ("adfs", "token", "none"),
    }
    missing = next((library for library in needed if needed[library] and library not in _LIBRARIES), None)
    return f"the Python library {missing} is missing here" if missing else None


def _refused(name: str, errors: Any) -> dict[str, Any]:
    """Return the failure for options that violate the argument spec, with the message of AnsibleModule."""
    message = errors.msg
    if isinstance(errors[0], UnsupportedError):
        message = f"Unsupported parameters for (certops.mimcm.{name}) module: {message}"
    return {"failed": True, "msg": message}


def _hidden(result: dict[str, Any]) -> dict[str, Any]:
    """Return a result that no callback shows, but that a registered variable contains; failures are shown.

    Only an action plugin can ask for this: the same key in a module's result is ignored.
    """
    if result.get("failed"):
        return {key: value for key, value in result.items() if key not in _RAW_OUTPUT}
    return {**result, "_ansible_no_log": True}

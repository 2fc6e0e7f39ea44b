# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module's run() function as an ordinary Ansible module, on any host."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS, AnsibleModule

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import ArgumentSpec
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import (
    OpenClient,
    Params,
    Result,
    Run,
    execute,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.masking import (
    Secret,
    masked_result,
    returns_secret,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import octal_mode
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import masked, secrets_in

_BY_MODULE = frozenset(FILE_COMMON_ARGUMENTS) - {"mode", "unsafe_writes"}


def _as_it_is(module: AnsibleModule, result: Result) -> Result:
    return result


def file_needs_module(params: Params) -> str | None:
    """Return why the file options of a task need an AnsibleModule, None if they do not."""
    if not params["dest"]:
        return None
    if any(params[name] for name in _BY_MODULE):
        return "only Ansible's module code sets owner, group, attributes and SELinux context"
    if params["mode"] is not None and octal_mode(params["mode"]) is None:
        return "only Ansible's module code understands a symbolic mode"
    return None


def set_file_attributes(module: AnsibleModule, result: Result) -> Result:
    """Set the attributes of C(dest) that need an AnsibleModule: owner, group, SELinux context, symbolic mode."""
    if "diff" not in result or not result.get("dest"):
        return result
    arguments = module.load_file_common_arguments(module.params, path=result["dest"])
    changed = module.set_fs_attributes_if_different(arguments, result["changed"], result["diff"])
    return {**result, "changed": changed}


def run_module(
    argument_spec: ArgumentSpec,
    run: Run,
    finish: Callable[[AnsibleModule, Result], Result] = _as_it_is,
    open_client: OpenClient = connect,
    secret: Secret = False,
) -> None:
    """Run a module as Ansible starts it on a host, and end the process.

    Args:
        argument_spec: The module's options.
        run: The module's code.
        finish: Does what needs an AnsibleModule, after a success.
        open_client: Makes the client for the options.
        secret: Whether the result is a secret.
    """
    try:
        module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    except UsageError as error:
        # A variable of the environment is wrong, which is found out before there is a module that could say it.
        sys.stdout.write(json.dumps({"changed": False, "failed": True, "msg": str(error)}))
        sys.exit(1)  # pylint: disable=ansible-bad-function
    # A secret that was given as a list or a mapping is a string by now, which Ansible does not recognise as a secret.
    secrets = module.no_log_values | secrets_in(module.params, argument_spec)
    result = execute(run, module.params, module.check_mode, open_client)
    if not result.get("failed"):
        result = finish(module, result)
    result = masked_result(result, secrets, returns_secret(secret, module.params))
    for warning in result.pop("warnings", []):
        module.warn(warning)
    # AnsibleModule would mask the result once more, ids, paths and PINs included.
    module.no_log_values = set()
    result["invocation"] = {"module_args": masked(module.params, argument_spec)}
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module shell: an ordinary Ansible module around a run() function, for any host."""

from __future__ import annotations

from collections.abc import Callable

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.execution import Result, Run, execute
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import ArgumentSpec


def _as_it_is(module: AnsibleModule, result: Result) -> Result:
    return result


def run_module(
    argument_spec: ArgumentSpec, run: Run, finish: Callable[[AnsibleModule, Result], Result] = _as_it_is
) -> None:
    """Run a module as Ansible starts it on a host, and end the process.

    Args:
        argument_spec: The module's options.
        run: The module's code.
        finish: What only an AnsibleModule can do, after a success.
    """
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    result = execute(run, module.params, module.check_mode)
    for warning in result.pop("warnings", []):
        module.warn(warning)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**finish(module, result))

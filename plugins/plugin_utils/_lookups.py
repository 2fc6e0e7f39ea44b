# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module's code as a lookup, and raise its failure as an AnsibleLookupError."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import (
    COMMON_SPEC,
    check_environment,
    environment_variables,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import Result, Run, execute
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.text_options import check_text
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import secrets_in
from ansible_collections.certops.mimcm.plugins.plugin_utils._clients import shared_client
from ansible_collections.certops.mimcm.plugins.plugin_utils._messages import shown
from ansible_collections.certops.mimcm.plugins.plugin_utils._variables import common_options


def run_lookup(name: str, run: Run, params: dict[str, Any]) -> Result:
    """Return the result of a module's code.

    Args:
        name: The lookup's name, for messages.
        run: The module's code.
        params: The lookup's options under the module's names.

    Raises:
        AnsibleLookupError: The code failed; the message is the module's.
    """
    secrets = secrets_in(params, COMMON_SPEC)
    with shown(name, None, secrets):
        result = execute(run, params, False, shared_client)
    if result.get("failed"):
        raise AnsibleLookupError(f"{name}: {remove_values(result['msg'], secrets)}")
    for warning in result.get("warnings", []):
        Display().warning(remove_values(warning, secrets))
    return result


def options_of(lookup: LookupBase, variables: dict[str, Any] | None, direct: dict[str, Any]) -> dict[str, Any]:
    """Return the options of a lookup from its arguments, variables, the environment and defaults.

    Args:
        lookup: The plugin.
        variables: The variables with which the expression is evaluated.
        direct: The keyword arguments.

    Raises:
        AnsibleLookupError: An option is not the text that it must be, or a variable of the environment is wrong.
    """
    named = common_options(variables or {}, lookup._templar.template, direct)
    for option, spec in COMMON_SPEC.items():
        if spec.get("no_log") and isinstance(direct.get(option, named.get(option)), (Mapping, list, tuple)):
            # Ansible's own error message would show the secret.
            raise AnsibleLookupError(f"{option} must be a string, not a list or a mapping.")
    try:
        check_text({**named, **direct}, lookup.option_definitions)
        check_environment(COMMON_SPEC.keys() - {*named, *direct})
    except UsageError as error:
        raise AnsibleLookupError(str(error)) from None
    with _without_empty_variables():
        lookup.set_options(var_options={f"mimcm_{option}": value for option, value in named.items()}, direct=direct)
        return dict(lookup.get_options())


@contextmanager
def _without_empty_variables() -> Iterator[None]:
    """Hide the empty ones among the environment variables of the common options from Ansible's configuration."""
    empty = [name for name in environment_variables(COMMON_SPEC) if os.environ.get(name) == ""]
    for name in empty:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(dict.fromkeys(empty, ""))


def ids_of(terms: list[Any]) -> list[Any]:
    """Return terms as one list, whether they were given one by one or as lists."""
    return [item for term in terms for item in (term if isinstance(term, list) else [term])]

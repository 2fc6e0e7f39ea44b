# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Python library that is not installed where the code runs, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors

ROOT = Path(errors.__file__).parents[6]

PROGRAM = """
import sys
sys.modules[{library!r}] = None
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.modules import mimcm_request_info as module
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.certops.mimcm.plugins.plugin_utils import _action_shell as action_shell
given = {{"url": "https://127.0.0.1:1", "retries": 0, "auth_method": {method!r}, "query": "@", "username": "a",
         "password": "b"}}
params = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(given).validated_parameters
print(execute(module.run, params, False)["msg"])
print(action_shell._missing_library(module, given))
"""


@pytest.mark.parametrize(
    ("library", "method", "package"),
    [("requests", "none", "requests"), ("jmespath", "none", "jmespath"), ("spnego", "ntlm", "pyspnego")],
)
def test_a_missing_library_is_named_and_breaks_no_import(library: str, method: str, package: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(library=library, method=method)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    message, reason = run.stdout.splitlines()
    assert f"Python library {package} is missing on " in message
    assert f"{sys.executable} -m pip install '{package}'" in message
    assert reason == f"the Python library {library} is missing here"

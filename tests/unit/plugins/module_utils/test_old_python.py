# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On a host whose Python is too old, a module ends with one sentence and not with a traceback."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.certops.mimcm.tests.unit.helpers import PLUGINS

PACKAGE = PLUGINS / "module_utils" / "_mimcm"
FIRST = PACKAGE / "errors.py"


@pytest.mark.parametrize("version", [(3, 7, 16), (3, 8, 18), (3, 9, 18)])
def test_the_package_says_so_and_ends_the_process(version: tuple[int, int, int]) -> None:
    code = f"import sys; sys.version_info = {version}; exec(open({str(FIRST)!r}).read())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    result = json.loads(done.stdout)
    assert result["failed"]
    assert "needs Python 3.10 or later" in result["msg"]
    assert f"is Python {'.'.join(map(str, version))}; set ansible_python_interpreter" in result["msg"]


@pytest.mark.parametrize("path", [FIRST, *sorted((PLUGINS / "modules").glob("*.py"))], ids=lambda path: path.name)
def test_what_is_compiled_before_that_can_be_compiled_there(path: Path) -> None:
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tests lie as their sources do, so that whoever changes a module finds its tests by its name.

The tests of support/files.py are in support/test_files.py, or in several files support/test_files_ASPECT.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.certops.mimcm.tests.unit.helpers import PLUGINS, ROOT

SOURCES = PLUGINS / "module_utils" / "_mimcm"
PLUGIN_TESTS = ROOT / "tests" / "unit" / "plugins"
TESTS = PLUGIN_TESTS / "module_utils" / "_mimcm"

# What is only ever seen through something else, and the file below tests that tests it so.
ELSEWHERE = {
    "unit/plugins/module_utils/_mimcm/api/test_client.py": ["api/connect", "auth/fixed"],
    "unit/plugins/module_utils/_mimcm/auth/test_windows.py": ["auth/choose"],
    "unit/plugins/module_utils/_mimcm/auth/test_windows_kerberos.py": ["auth/kerberos_errors"],
    "unit/plugins/module_utils/_mimcm/auth/test_adfs.py": ["transport/messages"],
    "unit/plugins/module_utils/_mimcm/certificate/test_pkcs.py": ["support/x509"],
    "unit/plugins/module_utils/_mimcm/model/test_shapes.py": ["model/types"],
    "unit/plugins/module_utils/_mimcm/request/test_lookup.py": ["request/call_costs"],
    "unit/plugins/module_utils/_mimcm/transport/test_session.py": ["support/causes"],
    "unit/plugins/module_utils/_mimcm/waiting/test_engine.py": ["support/clock"],
    "unit/plugins/module_utils/_mimcm/waiting/test_report.py": ["support/text"],
    "unit/plugins/modules/test_mimcm_certificate.py": ["certificate/submit"],
    "unit/plugins/modules/test_mimcm_compliance.py": ["compliance/check", "compliance/findings", "compliance/formats"],
    "unit/plugins/modules/test_mimcm_enrolments.py": ["enrolment/apply", "enrolment/people", "enrolment/plan"],
    "unit/plugins/modules/test_mimcm_ping.py": [
        *("diagnosis/case", "diagnosis/checks", "diagnosis/kerberos", "diagnosis/libraries"),
        *("diagnosis/network", "diagnosis/tls"),
    ],
    "unit/plugins/modules/test_mimcm_request.py": [
        *("request/create", "request/end", "request/match", "request/templates", "request/wanted"),
    ],
    "unit/plugins/modules/test_mimcm_request_wait.py": ["request/wait"],
    "unit/plugins/modules/test_mimcm_smartcard.py": ["smartcard/bind"],
    "unit/plugins/modules/test_mimcm_request_gate.py": ["enrolment/poll_gate"],
    "unit/plugins/plugin_utils/test_action_shell.py": ["shell/module"],
}
TESTED_ELSEWHERE = sorted(name for tested in ELSEWHERE.values() for name in tested)


def names(folder: Path, pattern: str = "*.py") -> list[str]:
    return sorted(str(path.relative_to(folder).with_suffix("")) for path in folder.rglob(pattern))


SOURCE_NAMES = [name for name in names(SOURCES) if not name.endswith("__init__")]
TEST_NAMES = names(TESTS, "test_*.py")


def owner(test: str) -> str | None:
    """The module that a file of tests is about: with gate and gate_files in a folder, that with the longer name."""
    tested = test.replace("test_", "", 1)
    return max((name for name in SOURCE_NAMES if f"{tested}_".startswith(f"{name}_")), key=len, default=None)


OWNERS = {test: owner(test) for test in TEST_NAMES}


def test_a_file_is_about_the_module_of_its_name() -> None:
    assert owner("test_options") == owner("test_options_secret") == "options"
    assert owner("enrolment/test_gate_empty") == "enrolment/gate"
    assert owner("enrolment/test_gate_files_empty") == "enrolment/gate_files"
    assert owner("enrolment/test_gates") is owner("test_gate") is None


@pytest.mark.parametrize("name", SOURCE_NAMES)
def test_every_module_has_its_tests(name: str) -> None:
    own, elsewhere = name in OWNERS.values(), name in TESTED_ELSEWHERE
    assert own or elsewhere, "neither a file of its own nor a line in ELSEWHERE"
    assert not (own and elsewhere), "it has a file of its own, so its line in ELSEWHERE has to go"


@pytest.mark.parametrize("name", TEST_NAMES)
def test_every_file_of_tests_has_its_module(name: str) -> None:
    assert OWNERS[name], f"{name} is named after no module of _mimcm"


def test_what_is_tested_elsewhere_exists_and_so_does_the_file() -> None:
    assert [path for path in ELSEWHERE if not (ROOT / "tests" / path).is_file()] == []
    assert set(TESTED_ELSEWHERE) <= set(SOURCE_NAMES)


def test_tests_of_plugins_are_named_after_them() -> None:
    for kind in ("modules", "lookup", "filter", "test", "plugin_utils"):
        plugins = {path.stem.removeprefix("_") for path in (PLUGINS / kind).glob("*.py")}
        for test in names(PLUGIN_TESTS / kind, "test_*.py"):
            assert any(f"{test}_".startswith(f"test_{plugin}_") for plugin in plugins), f"{kind}/{test}"


def test_the_page_on_security_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "security.md").read_text(encoding="utf-8")))
    assert named
    assert named <= {path.stem for path in (ROOT / "tests" / "unit").rglob("test_*.py")}

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the metadata says of the plugins, and the documentation of the options."""

from __future__ import annotations

import importlib
import re
from typing import Any

import pytest
import yaml

from ansible_collections.certops.mimcm.plugins.doc_fragments import auth, connection
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.tests.unit.helpers import LOOKUPS, MODULES, ROOT, load, tasks_of


def common_documentation(half: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for fragment in (connection, auth):
        found.update(yaml.safe_load(getattr(fragment.ModuleDocFragment, half))["options"])
    return found


def fragment_options(names: list[str]) -> dict[str, Any]:
    """The options of the collection's own fragments."""
    found: dict[str, Any] = {}
    for name in names:
        namespace, _collection, fragment, part = f"{name}.documentation".split(".")[:4]
        if namespace == "certops":
            text = getattr(load("doc_fragments", fragment).ModuleDocFragment, part.upper())
            found.update(yaml.safe_load(text).get("options", {}))
    return found


def test_there_are_modules() -> None:
    assert "mimcm_request_info" in MODULES
    assert "mimcm_request" in LOOKUPS


def test_every_module_is_in_the_action_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())
    assert runtime["action_groups"]["mimcm"] == MODULES


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_its_action_shell(name: str) -> None:
    shell = importlib.import_module("ansible_collections.certops.mimcm.plugins.plugin_utils._action_shell")
    assert issubclass(load("action", name).ActionModule, shell.ActionShell)
    assert load("action", name).ActionModule.module is load("modules", name)


@pytest.mark.parametrize("name", MODULES)
def test_options_are_documented_as_they_are(name: str) -> None:
    module = load("modules", name)
    documentation = yaml.safe_load(module.DOCUMENTATION)
    own = documentation["options"]
    # Ansible lets a module's own words about an option of a fragment come before the fragment's.
    documented = fragment_options(documentation["extends_documentation_fragment"])
    for option, text in own.items():
        documented[option] = {**documented.get(option, {}), **text}
    for option, spec in module.ARGUMENT_SPEC.items():
        if option in documented:
            for key in ("type", "default", "choices", "required", "elements", "aliases"):
                assert documented[option].get(key) == spec.get(key), (option, key)
    assert set(own) <= set(module.ARGUMENT_SPEC)
    assert set(COMMON_SPEC) <= set(documented)


def test_common_options_name_their_environment_variables() -> None:
    for option, text in common_documentation("DOCUMENTATION").items():
        assert f"E(MIMCM_{option.upper()})" in str(text["description"])
        assert f"C(mimcm_{option})" in str(text["description"])
    for option, text in common_documentation("PLUGINS").items():
        assert text["env"] == [{"name": f"MIMCM_{option.upper()}"}]
        assert text["vars"] == [{"name": f"mimcm_{option}"}]
    assert set(common_documentation("PLUGINS")) == set(COMMON_SPEC)


@pytest.mark.parametrize("name", MODULES)
def test_every_returned_value_has_a_sample(name: str) -> None:
    for key, text in yaml.safe_load(load("modules", name).RETURN).items():
        assert "sample" in text, key
        assert text["returned"], key


def test_execution_environment_files_exist() -> None:
    metadata = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text())
    for path in metadata["dependencies"].values():
        assert (ROOT / path).is_file()


@pytest.mark.parametrize(
    "role", ["request_wait", "employee_onboarding", "software_certificate", "request_gate", "compliance_report"]
)
def test_roles_leave_the_common_options_to_defaults_and_variables(role: str) -> None:
    """An option that a task sets, even to omit, would hide module_defaults; and each task asks on the host that may."""
    files = sorted((ROOT / "roles" / role / "tasks").glob("*.yml"))
    tasks = [task for file in files for task in tasks_of(yaml.safe_load(file.read_text()))]
    asking = [(task, name) for task in tasks for name in task if name.startswith("certops.mimcm.mimcm_")]
    assert asking
    for task, name in asking:
        assert task["delegate_to"] == f"{{{{ {role}_delegate_to }}}}"
        assert task["become"] is False
        assert not set(task[name]) & set(COMMON_SPEC)


CREATING = {
    **{path: path.parents[1].name for path in (ROOT / "roles").glob("*/tasks/*.yml")},
    **dict.fromkeys((ROOT / "playbooks").glob("*.yml"), "gitops"),
}


def test_whoever_creates_requests_lets_users_choose_how_a_data_collection_is_sent() -> None:
    """Which of the two documented forms a server accepts is not documented."""
    seen = set()
    for path, prefix in CREATING.items():
        document = yaml.safe_load(path.read_text())
        tasks = tasks_of([task for play in document for task in play.get("tasks", [play])])
        for task in tasks:
            options = task.get("certops.mimcm.mimcm_request") or task.get("certops.mimcm.mimcm_enrolments") or {}
            if "type" in options or "people" in options:
                seen.add(prefix)
                assert options["data_collection_format"] == f"{{{{ {prefix}_data_collection_format }}}}"
    assert seen == {"employee_onboarding", "software_certificate", "gitops"}


@pytest.mark.parametrize("role", ["employee_onboarding", "software_certificate"])
def test_the_form_of_a_data_collection_is_an_option_of_the_role(role: str) -> None:
    folder = ROOT / "roles" / role
    specs = yaml.safe_load((folder / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    spec = specs[f"{role}_data_collection_format"]
    assert (spec["choices"], spec["default"]) == (["list", "string"], "list")
    assert yaml.safe_load((folder / "defaults" / "main.yml").read_text())[f"{role}_data_collection_format"] == "list"


def test_every_operation_has_a_row_in_the_coverage_table() -> None:
    client = importlib.import_module("ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client")
    lines = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if re.match(r"\| \d+ \|", line)]
    assert {int(row[0]) for row in rows} == set(range(1, 23))
    not_operations = {
        "base",
        "http_calls",
        "limited_to",
        "reading_several",
        "close",
        "acquire_token",
        "signed_in_with",
        "each",
        "max_connections",
    }
    # Another view of operation 6.
    not_operations |= {"pick_requests"}
    public = {name for name in vars(client.Client) if not name.startswith("_")} - not_operations
    assert {row[2].strip("`") for row in rows} == public
    for row in rows:
        named = re.findall(r"`(mimcm_\w+)`", row[3])
        assert named
        assert set(named) <= set(MODULES)


def test_the_readme_installs_what_is_compiled_by_a_line_of_its_own() -> None:
    """The first line works where nothing can be compiled; pip installs all of a line or nothing."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^\s*python3 -m pip install (.+)$", readme, re.MULTILINE)
    needed = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8")
    packages = set(re.findall(r"^[\w-]+", needed, re.MULTILINE))
    # urllib3 comes with requests.
    assert set(lines[0].split()) == packages - {"urllib3"}
    assert lines[1:] == ["'pyspnego[kerberos]'"]

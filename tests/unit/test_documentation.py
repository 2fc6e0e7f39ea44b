# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation held against the code: options, examples, return values, routing."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from packaging.version import Version

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import DEFAULT_RULES, read_policy
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import shapes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.tests.unit.helpers import LOOKUPS, MODULES, ROOT, load, tasks_of

VERSION = Version(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])


def documented_options(documentation: dict[str, Any]) -> set[str]:
    """The options that a module documents itself, and those of the fragments that it names."""
    found = set(documentation["options"])
    for name in documentation["extends_documentation_fragment"]:
        if name == "ansible.builtin.files":
            found |= set(FILE_COMMON_ARGUMENTS)
            continue
        _namespace, _collection, fragment, part = f"{name}.documentation".split(".")[:4]
        text = getattr(load("doc_fragments", fragment).ModuleDocFragment, part.upper())
        found |= set(yaml.safe_load(text).get("options", {}))
    return found


@pytest.mark.parametrize("name", MODULES)
def test_every_option_is_documented_and_every_documented_option_exists(name: str) -> None:
    module = load("modules", name)
    documentation = yaml.safe_load(module.DOCUMENTATION)
    assert documented_options(documentation) == set(module.ARGUMENT_SPEC)


@pytest.mark.parametrize("name", MODULES)
def test_examples_pass_the_argument_spec(name: str) -> None:
    module = load("modules", name)
    tasks = [task for task in tasks_of(yaml.safe_load(module.EXAMPLES)) if f"certops.mimcm.{name}" in task]
    assert tasks
    for task in tasks:
        validated = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(task[f"certops.mimcm.{name}"])
        assert validated.error_messages == []


@pytest.mark.parametrize(("kind", "name"), [*(("modules", n) for n in MODULES), *(("lookup", n) for n in LOOKUPS)])
def test_every_plugin_says_what_it_is(kind: str, name: str) -> None:
    plugin = load(kind, name)
    documentation = yaml.safe_load(plugin.DOCUMENTATION)
    assert documentation.get("module", documentation.get("name")) == name
    assert Version(documentation["version_added"]) <= VERSION
    assert not documentation["short_description"].endswith(".")
    assert {"certops.mimcm.connection", "certops.mimcm.auth"} <= set(documentation["extends_documentation_fragment"])
    assert yaml.safe_load(plugin.EXAMPLES)
    assert yaml.safe_load(plugin.RETURN)


@pytest.mark.parametrize("name", LOOKUPS)
def test_lookups_take_every_common_option(name: str) -> None:
    documentation = yaml.safe_load(load("lookup", name).DOCUMENTATION)
    used = set(documentation["extends_documentation_fragment"])
    assert {"certops.mimcm.connection.plugins", "certops.mimcm.auth.plugins"} <= used
    assert not set(documentation["options"]) & set(COMMON_SPEC)


def test_every_key_of_a_request_is_documented_and_shown() -> None:
    returned = yaml.safe_load(load("modules", "mimcm_request_info").RETURN)["requests"]
    keys = set(shapes.request({"Uuid": "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"}))
    assert set(returned["contains"]) == keys
    assert set(returned["sample"][0]) == keys


def test_defaults_and_choices_are_those_of_the_design() -> None:
    assert COMMON_SPEC["api_path"]["default"] == "/CertificateManagement/api/v1.0"
    assert COMMON_SPEC["auth_method"]["default"] == "negotiate"
    assert (COMMON_SPEC["timeout"]["default"], COMMON_SPEC["retries"]["default"]) == (30, 4)
    assert COMMON_SPEC["validate_certs"]["default"] is COMMON_SPEC["use_proxy"]["default"] is True
    assert load("modules", "mimcm_request_wait").ARGUMENT_SPEC["states"]["default"] == ["Approved", "Completed"]
    assert load("modules", "mimcm_smartcard_pin").ARGUMENT_SPEC["mode"]["default"] == "0600"


def test_the_requirements_of_an_execution_environment_cover_the_imports() -> None:
    text = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8")
    assert all(name in text for name in ("requests", "jmespath", "pyspnego"))
    assert "libkrb5-dev" in (ROOT / "meta" / "ee-bindep.txt").read_text(encoding="utf-8")


def test_what_runs_at_run_time_reads_neither_tests_nor_docs() -> None:
    for path in [*(ROOT / "plugins").rglob("*.py"), *(ROOT / "roles").rglob("*.yml")]:
        text = path.read_text(encoding="utf-8")
        assert "tests/" not in text, path
        assert "docs/" not in text, path


def test_the_page_on_compliance_lists_the_rules_as_they_are() -> None:
    text = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| `")]
    found = {name: (row[1], row[2]) for row in rows if len(row) == 4 for name in re.findall(r"`([a-z-]+)`", row[0])}
    assert found == {
        name: (
            rule["severity"],
            ", ".join(f"`{key}: {_yaml(value)}`" for key, value in rule.get("parameters", {}).items()),
        )
        for name, rule in DEFAULT_RULES.items()
    }
    names = set(re.findall(r"C\(([a-z-]+)\)", load("modules", "mimcm_compliance").DOCUMENTATION))
    assert set(DEFAULT_RULES) <= names


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=True).removesuffix("...\n").strip()


def test_the_documented_policy_is_one() -> None:
    text = (ROOT / "docs" / "compliance.md").read_text(encoding="utf-8")
    (policy,) = re.findall(r"```yaml\n# policy\.yml\n(.*?)```", text, re.DOTALL)
    rules = read_policy(yaml.safe_load(policy)["compliance_report_policy"])
    (own,) = [rule for rule in rules if rule.id not in DEFAULT_RULES]
    request = {"status": "Pending", "priority": 1, "age_hours": 5, "submitted": "2026-11-25T08:00:00Z"}
    assert own.applies_to([request, {**request, "priority": 10}, {**request, "age_hours": 3}]) == [request]
    assert own.reason_for(request) == "It has priority 1 and has waited since 2026-11-25T08:00:00Z."


def test_the_page_for_contributors_names_what_exists() -> None:
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    house, _heading, rest = page.partition("## Where a change goes")
    named = set(re.findall(r"`((?:plugins|tests|docs|meta|changelogs)/[\w./-]+)`", page))
    # The layout of the tests is shown with one example.
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()
    packages = {path.stem for path in (ROOT / "plugins" / "module_utils" / "_mimcm").iterdir() if path.name[0] != "_"}
    rows = re.findall(r"^\| (`.*?`) \|", house, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == packages
    words = rest.partition("## Words")[2].splitlines()
    assert len([line for line in words if line.startswith("|")]) == 12

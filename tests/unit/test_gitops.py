# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented pipelines held against the page, the playbooks and the role."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.modules import mimcm_enrolments
from ansible_collections.certops.mimcm.tests.unit.helpers import ROOT

PAGE = (ROOT / "docs" / "gitops.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "docs" / "examples" / "gitops").glob("*.yml"))
PIPELINES = [path for path in EXAMPLES if path.name != "people.yml"]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def texts(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from texts(item)


def commands(text: str) -> Iterator[list[str]]:
    """The words of each command that starts ansible-playbook."""
    for line in text.splitlines():
        found = re.search(r"ansible-playbook certops[^`;&|]*", line)
        if found:
            yield shlex.split(found[0])


def variables(playbook: str) -> set[str]:
    """What can be set for a playbook: its own variables, those that it reads, and those of the role."""
    text = (ROOT / "playbooks" / f"{playbook}.yml").read_text(encoding="utf-8")
    role = read(ROOT / "roles" / "request_gate" / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    return set(re.findall(r"\bgitops_\w+", text)) | (set(role) if "request_gate" in text else set())


def test_there_are_examples() -> None:
    assert [path.name for path in EXAMPLES] == ["azure-pipelines.yml", "github.yml", "gitlab-ci.yml", "people.yml"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_page_has_each_example_as_it_is(path: Path) -> None:
    content = path.read_text(encoding="utf-8").partition("---\n")[2]
    assert f"```yaml\n{content}```\n" in PAGE
    assert f"(examples/gitops/{path.name})" in PAGE


def test_every_block_of_yaml_is_valid() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == len(EXAMPLES) + 1
    assert all(yaml.safe_load(block) for block in blocks)


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.name)
def test_every_pipeline_plans_applies_and_looks(path: Path) -> None:
    found = [words for text in texts(read(path)) for words in commands(text)]
    assert {(words[1], "--check" in words) for words in found} == {
        ("certops.mimcm.gitops_apply", True),
        ("certops.mimcm.gitops_apply", False),
        ("certops.mimcm.gitops_gate", False),
    }
    assert "75" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*PIPELINES, ROOT / "docs" / "gitops.md"], ids=lambda path: path.name)
def test_every_command_names_what_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = list(commands(text))
    assert found
    for words in found:
        playbook = words[1].rpartition(".")[2]
        assert (ROOT / "playbooks" / f"{playbook}.yml").is_file()
        for option, value in itertools.pairwise(words):
            if option == "-e":
                assert value == "@people.yml" or value.partition("=")[0] in variables(playbook), value
    known = variables("gitops_apply") | variables("gitops_gate")
    assert set(re.findall(r"\bgitops_(?!apply\b|gate\b)\w+", text)) <= known
    assert set(re.findall(r"\brequest_gate_\w+", text)) <= known


def test_the_documented_file_is_understood() -> None:
    given = read(ROOT / "docs" / "examples" / "gitops" / "people.yml")
    assert set(given) <= variables("gitops_apply") & variables("gitops_gate")
    arguments = {"url": "https://cm.contoso.com", "people": given["gitops_people"], "scope": given["gitops_scope"]}
    assert not ArgumentSpecValidator(mimcm_enrolments.ARGUMENT_SPEC).validate(arguments).error_messages


def test_the_variables_of_the_table_have_their_defaults() -> None:
    (play,) = read(ROOT / "playbooks" / "gitops_apply.yml")
    rows = dict(re.findall(r"^\| `(gitops_\w+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert rows == {name: str(play["vars"][name]).lower() for name in rows}
    assert set(rows) == set(play["vars"]) - {"gitops_base", "gitops_found", "gitops_others"}


def test_the_role_has_the_documented_defaults() -> None:
    role = ROOT / "roles" / "request_gate"
    documented = read(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]
    defaults = read(role / "defaults" / "main.yml")
    assert defaults == {name: text["default"] for name, text in documented.items() if "default" in text}
    table = (role / "README.md").read_text(encoding="utf-8")
    assert set(documented) <= set(re.findall(r"`(request_gate_\w+)`", table))


def test_playbooks_read_neither_tests_nor_docs() -> None:
    for path in (ROOT / "playbooks").glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert "tests/" not in text
        assert "docs/" not in text

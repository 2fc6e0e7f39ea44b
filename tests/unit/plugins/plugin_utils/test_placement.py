# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a task's code runs."""

from __future__ import annotations

import os
import pwd
import sys
import venv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.certops.mimcm.plugins.plugin_utils import _placement as placement

HERE: dict[str, Any] = {
    "transport": "local",
    "become_user": None,
    "asynchronous": False,
    "environment": False,
    "interpreter": None,
}
ME = pwd.getpwuid(os.geteuid()).pw_name


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, None),
        ({"transport": "ansible.builtin.local"}, None),
        ({"become_user": ME}, None),
        ({"interpreter": sys.executable}, None),
        ({"transport": "ssh"}, "the connection is not local"),
        ({"transport": "community.docker.docker"}, "the connection is not local"),
        ({"become_user": "somebody-else"}, "the task becomes another user"),
        ({"asynchronous": True}, "the task is asynchronous"),
        ({"environment": True}, "the task has an environment of its own"),
        ({"interpreter": "/usr/bin/env python3"}, "another Python interpreter is set"),
        ({"interpreter": "/nonexistent/bin/python"}, "another Python interpreter is set"),
    ],
)
def test_reasons(given: dict[str, Any], reason: str | None) -> None:
    assert placement.reason_to_leave(placement.Placement(**{**HERE, **given})) == reason


def test_names_of_one_environment_are_the_same_and_its_base_is_another(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    venv.create(folder, symlinks=True, with_pip=False)
    names = [
        name for name in ("python", "python3", f"python3.{sys.version_info[1]}") if (folder / "bin" / name).exists()
    ]
    assert len(names) > 1
    identities = {placement._environment_of(str(folder / "bin" / name)) for name in names}
    assert len(identities) == 1
    base = os.path.realpath(folder / "bin" / "python")
    assert placement._environment_of(base) not in identities


def test_a_link_to_the_environments_folder_is_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    venv.create(folder, symlinks=True, with_pip=False)
    (tmp_path / "link").symlink_to(folder)
    assert placement._environment_of(str(tmp_path / "link/bin/python")) == placement._environment_of(
        str(folder / "bin/python")
    )


class Become:
    def __init__(self, user: str | None) -> None:
        self.user = user

    def get_option(self, name: str) -> str | None:
        assert name == "become_user"
        return self.user


def action(**given: Any) -> Any:
    """What the placement reads of an action plugin."""
    task = {"environment": None, "async_val": 0, "delegate_to": None, **given.pop("task", {})}
    connection = {"transport": "local", "become": None, **given.pop("connection", {})}
    variables = given.pop("variables", {})

    def compute(target: dict[str, Any]) -> str:
        for item in task["environment"] or []:
            target.update(item)
        return ""

    return SimpleNamespace(
        _task=SimpleNamespace(**task),
        _connection=SimpleNamespace(**connection),
        _templar=Templar(loader=DataLoader(), variables=variables),
        _compute_environment_string=compute,
    )


@pytest.mark.parametrize(
    ("given", "leaves"),
    [
        ({}, False),
        ({"task": {"environment": [{}]}}, False),
        ({"task": {"environment": [{"HTTPS_PROXY": "x"}]}}, True),
        ({"task": {"async_val": 5}}, True),
        ({"connection": {"become": Become(None)}}, False),
        ({"connection": {"become": Become("nobody")}}, True),
        ({"connection": {"transport": "ansible.builtin.ssh"}}, True),
    ],
)
def test_placement_of_a_task(given: dict[str, Any], leaves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "_current_user", lambda: "root")
    found = placement.placement(action(**given), {})
    assert (placement.reason_to_leave(found) is not None) == leaves


@pytest.mark.parametrize(
    ("variables", "delegate_to", "expected"),
    [
        ({"ansible_python_interpreter": "/x/python"}, None, "/x/python"),
        ({"ansible_python_interpreter": " auto_silent "}, None, None),
        ({"ansible_python_interpreter": "auto"}, None, None),
        ({}, None, None),
        (
            {
                "ansible_python_interpreter": "/x/python",
                "ansible_delegated_vars": {"other": {"ansible_python_interpreter": "/y/python"}},
            },
            "other",
            "/y/python",
        ),
        ({"ansible_python_interpreter": "/x/python", "ansible_delegated_vars": {"other": {}}}, "other", None),
    ],
)
def test_interpreter_of_a_task(variables: dict[str, Any], delegate_to: str | None, expected: str | None) -> None:
    plugin = action(task={"delegate_to": delegate_to}, variables=variables)
    assert placement.placement(plugin, variables).interpreter == expected

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the action shell does by itself; whole tasks are run by the integration targets."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.certops.mimcm.plugins.modules import mimcm_request_info, mimcm_smartcard_pin
from ansible_collections.certops.mimcm.plugins.plugin_utils import _action_shell as action_shell
from ansible_collections.certops.mimcm.plugins.plugin_utils import _clients as clients
from ansible_collections.certops.mimcm.plugins.plugin_utils import _placement as placement
from ansible_collections.certops.mimcm.plugins.plugin_utils._action_shell import ActionShell

PIN = "0073-5ecret"


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


def test_a_success_is_hidden_and_a_failure_is_shown_without_raw_output() -> None:
    result = {"pin": PIN, "changed": False}
    assert action_shell._hidden(result) == {**result, "_ansible_no_log": True}
    failure = {"failed": True, "msg": "sorry", "module_stdout": PIN, "module_stderr": PIN, "exception": PIN}
    assert action_shell._hidden(failure) == {"failed": True, "msg": "sorry"}


def test_arguments_arrive_as_plain_json() -> None:
    class Tagged(str):
        pass

    sent = action_shell._as_sent({"url": Tagged("x"), "ids": (Tagged("y"),), "n": None, "f": 1.5, "b": True})
    assert sent == {"url": "x", "ids": ["y"], "n": None, "f": 1.5, "b": True}
    assert sent["url"].__class__ is str


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({}, "missing required arguments: url"),
        (
            {"url": "x", "colour": "red"},
            r"Unsupported parameters for \(certops.mimcm.mimcm_request_info\) module: colour",
        ),
        ({"url": "x", "status": "Lost"}, "value of status must be one of: Pending"),
        ({"url": "x", "timeout": "soon"}, "timeout"),
    ],
)
def test_refused_arguments(given: dict[str, Any], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIMCM_URL", raising=False)
    validated = ArgumentSpecValidator(mimcm_request_info.ARGUMENT_SPEC).validate(given)
    with pytest.raises(AssertionError, match=says):
        raise AssertionError(action_shell._refused("mimcm_request_info", validated.errors)["msg"])


@pytest.mark.parametrize(
    ("given", "module"),
    [
        ({}, False),
        ({"dest": "/x"}, False),
        ({"dest": "/x", "mode": 0o600}, False),
        ({"dest": "/x", "mode": "u=rw"}, True),
        ({"dest": "/x", "owner": "alice"}, True),
        ({"dest": "/x", "attributes": "+i"}, True),
        ({"dest": "/x", "setype": "user_home_t"}, True),
        ({"owner": "alice", "mode": "u=rw"}, False),
    ],
)
def test_file_options_that_need_a_module(given: dict[str, Any], module: bool) -> None:
    spec = mimcm_smartcard_pin.ARGUMENT_SPEC
    arguments = {"url": "https://cm", "smartcard_id": "x", **given}
    params = ArgumentSpecValidator(spec).validate(arguments).validated_parameters
    assert (mimcm_smartcard_pin.needs_module(params) is not None) == module


def test_only_the_pin_module_returns_a_secret() -> None:
    assert mimcm_smartcard_pin.RETURNS_SECRET
    assert not hasattr(mimcm_request_info, "RETURNS_SECRET")
    assert ActionShell._supports_check_mode


def test_a_client_is_shared_by_the_same_options_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "_CLIENTS", {})
    arguments = {"url": "https://127.0.0.1:1", "auth_method": "none"}
    params = ArgumentSpecValidator(mimcm_request_info.ARGUMENT_SPEC).validate(arguments).validated_parameters
    first = clients.shared_client(params)
    assert clients.shared_client({**params, "query": "@", "request_ids": ["x"]}) is first
    assert clients.shared_client({**params, "timeout": 7.0}) is not first
    assert clients.shared_client({**params, "auth_method": "token", "token": "x"}) is not first

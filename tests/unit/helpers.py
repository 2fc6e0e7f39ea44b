# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where things lie, plugins by their names, options with their defaults, and modules run as both shells run them.

Tests of modules and of module_utils run without Ansible's controller, so nothing here may need it.
"""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
MODULES = sorted(path.stem for path in (PLUGINS / "modules").glob("mimcm_*.py"))
LOOKUPS = sorted(path.stem for path in (PLUGINS / "lookup").glob("mimcm_*.py"))


def load(kind: str, name: str) -> ModuleType:
    return importlib.import_module(f"ansible_collections.certops.mimcm.plugins.{kind}.{name}")


def tasks_of(items: list[Any]) -> list[dict[str, Any]]:
    """The tasks of a list, and those in its blocks."""
    found: list[dict[str, Any]] = []
    for item in items:
        found.append(item)
        for part in ("block", "rescue", "always"):
            found += tasks_of(item.get(part, []))
    return found


def examples(page: str) -> list[dict[str, Any]]:
    """The examples of a page of the API's reference: each a request, and the answer to it."""
    text = (ROOT / "tests" / "wire" / f"{page}.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)["examples"]
    return found


def defaults(spec: dict[str, Any]) -> dict[str, Any]:
    return {name: option.get("default") for name, option in spec.items()}


def params(**given: Any) -> dict[str, Any]:
    """The common options; those that are not given have their defaults."""
    return {**defaults(COMMON_SPEC), **given}


def open_params(server: Any, **given: Any) -> dict[str, Any]:
    """The common options for a server that asks for no authentication, without retries unless they are given."""
    return params(**{"url": server.origin, "auth_method": "none", "retries": 0, **given})


def client(server: Any, **given: Any) -> Client:
    return connect(open_params(server, **given))


def run(module: Any, server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    """Run a module as both shells run it, with its arguments validated."""
    arguments = {"url": server.origin, "auth_method": "none", "retries": 0, **given}
    validated = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(arguments)
    assert not validated.error_messages
    return execute(module.run, validated.validated_parameters, check_mode)


def control(server: Any, path: str, body: Any = None, method: str = "POST") -> Any:
    """Tell the reference server something."""
    return server.call(path, body, method)


def fault(server: Any, **given: Any) -> None:
    control(server, "faults", given)

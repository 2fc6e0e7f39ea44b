# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument specs of the options that modules share; each common option is also an environment variable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields
from typing import Any, TypeVar

from ansible.module_utils.common.validation import check_type_bool, check_type_float, check_type_int
from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError

ArgumentSpec = dict[str, dict[str, Any]]
_Options = TypeVar("_Options")
_PREFIX = "MIMCM_"


_OPTIONS: ArgumentSpec = {
    "url": {"type": "str", "required": True},
    "api_path": {"type": "str", "default": "/CertificateManagement/api/v1.0"},
    "auth_method": {
        "type": "str",
        "choices": ["negotiate", "kerberos", "ntlm", "adfs", "token", "none"],
        "default": "negotiate",
    },
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "keytab": {"type": "path"},
    "ticket_cache": {"type": "str"},
    "channel_bindings": {"type": "str", "choices": ["auto", "never"], "default": "auto"},
    "token": {"type": "str", "no_log": True},
    "adfs_url": {"type": "str"},
    "grant_type": {
        "type": "str",
        "choices": ["authorization_code", "password", "refresh_token", "client_credentials"],
        "default": "authorization_code",
    },
    "client_id": {"type": "str"},
    "client_secret": {"type": "str", "no_log": True},
    "redirect_uri": {"type": "str"},
    "resource": {"type": "str"},
    "refresh_token": {"type": "str", "no_log": True},
    "allow_http_credentials": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "timeout": {"type": "float", "default": 30.0},
    "retries": {"type": "int", "default": 4},
    "max_connections": {"type": "int", "default": 4},
    "max_response_bytes": {"type": "int", "default": 167772160},
    "use_proxy": {"type": "bool", "default": True},
}


_CONVERSIONS: dict[str, tuple[Callable[[str], Any], str]] = {
    "int": (check_type_int, "a whole number"),
    "float": (check_type_float, "a number"),
    "bool": (check_type_bool, "true or false"),
}


def from_environment(name: str) -> str:
    """Return the value of a common option's environment variable; one that is empty counts as not set.

    Raises:
        AnsibleFallbackNotFound: The variable is not set.
        UsageError: The option cannot have this value. Ansible's own message would name the option alone, which nobody
            finds in the task.
    """
    text = os.environ.get(name)
    if not text:
        raise AnsibleFallbackNotFound
    wanted = _mismatch(text, _OPTIONS[name.removeprefix(_PREFIX).lower()])
    if wanted:
        raise UsageError(
            f"The environment variable {name} must be {wanted}", remedy="correct it where the task runs, or unset it"
        )
    return text


def environment_variables(options: Iterable[str]) -> list[str]:
    """Return the names of the environment variables of common options."""
    return [f"{_PREFIX}{option.upper()}" for option in options]


def check_environment(options: Iterable[str]) -> None:
    """Refuse environment variables with values that their options cannot have.

    Args:
        options: The common options that may come from the environment.

    Raises:
        UsageError: A variable is wrong.
    """
    for name in sorted(environment_variables(options)):
        with suppress(AnsibleFallbackNotFound):
            from_environment(name)


def _mismatch(text: str, spec: Mapping[str, Any]) -> str | None:
    """Return what a text should be for an option, None if it is."""
    choices = spec.get("choices")
    if choices:
        return None if text in choices else f"one of {', '.join(choices)}"
    convert, kind = _CONVERSIONS.get(spec["type"], (str, ""))
    try:
        convert(text)
    except (TypeError, ValueError):
        return kind
    return None


COMMON_SPEC: ArgumentSpec = {
    name: {**spec, "fallback": (from_environment, environment_variables([name]))} for name, spec in _OPTIONS.items()
}
"""Each common option is also an environment variable, C(MIMCM_URL) for O(url) and so on."""


CARD_SPEC: ArgumentSpec = {"card_id": {"type": "str"}, "atr": {"type": "str"}}
"""The options that describe a card; documented in the fragment smartcard."""


CHALLENGE_SPEC: ArgumentSpec = {
    **CARD_SPEC,
    "challenge": {"type": "str"},
    "challenge_encoding": {"type": "str", "choices": ["auto", "hex", "base64"], "default": "auto"},
}
"""The options that describe a card and its challenge; documented in the fragment smartcard.challenge."""

PEOPLE_SPEC: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "target": {"type": "str"},
        "templates": {"type": "list", "elements": "str"},
        "data_collection": {"type": "dict", "default": {}},
        "comment": {"type": "str", "default": ""},
        "priority": {"type": "int"},
        "generation": {"type": "int", "default": 1},
    },
}
"""The people of a desired-state file; documented in mimcm_enrolments."""


def own_options(kind: type[_Options], params: Mapping[str, Any]) -> _Options:
    """Return a module's own options as one object, so mypy knows their names and types.

    Args:
        kind: A frozen dataclass whose fields have the names of the options.
        params: The options, validated against the module's argument spec.
    """
    described: Any = kind
    return kind(**{field.name: params[field.name] for field in fields(described)})

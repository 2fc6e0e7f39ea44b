# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The argument specs of the options that modules share; each common option is also an environment variable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from ansible.module_utils.common.parameters import env_fallback

ArgumentSpec = dict[str, dict[str, Any]]
_Options = TypeVar("_Options")


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
    "max_response_bytes": {"type": "int", "default": 268435456},
    "use_proxy": {"type": "bool", "default": True},
}


COMMON_SPEC: ArgumentSpec = {
    name: {**spec, "fallback": (env_fallback, [f"MIMCM_{name.upper()}"])} for name, spec in _OPTIONS.items()
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

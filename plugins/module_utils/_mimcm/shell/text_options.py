# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuse what is no longer the text that somebody wrote: a number, true or false, or a date in place of a string.

Ansible turns such values into strings, but not into those that were written: of C(0765432107654321), which YAML reads
as an octal number, it makes another number. What was written cannot be found out any more.
"""

from __future__ import annotations

import datetime
import numbers
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.module_utils.basic import FILE_COMMON_ARGUMENTS

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import some

_Spec = Mapping[str, Mapping[str, Any]]
_Found = Iterator[tuple[str, str]]
_TEXT = ("str", "path")
# A number is what expires_within asks for, and owner and group are Ansible's own, which take the number of an account.
_NUMBERS_TOO = frozenset(FILE_COMMON_ARGUMENTS) - {"mode"} | {"expires_within"}
# Mappings that have texts as keys and as values.
_TEXTS_BY_NAME = ("data_collection",)
# The first that fits: true is a number for Python, and a datetime a date.
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "true or false"),
    (numbers.Number, "a number"),
    ((datetime.date, datetime.time), "a date"),
    (bytes, "binary data"),
)
_NAMED = 20


def check_text(arguments: Mapping[str, Any], argument_spec: _Spec) -> None:
    """Refuse options that must be text and are not.

    Args:
        arguments: The options as the task has them, before anything was converted.
        argument_spec: The options of the module, or those that a lookup documents.

    Raises:
        UsageError: Some are something else; the message names all of them, and no value.
    """
    found = [f"{name} ({kind})" for name, kind in _not_text(arguments, argument_spec)]
    if found:
        raise UsageError(
            f"{some(found, len(found), _NAMED)} must be text",
            reason="YAML changes what it reads as a number, as a date, or as true or false",
            remedy="put quotes around the value where it is written, or add the filter string where a template "
            "computes it",
        )


def _not_text(arguments: Mapping[str, Any], argument_spec: _Spec) -> _Found:
    """Yield the names of the options that must be text, and what they are instead."""
    for option, spec in argument_spec.items():
        if option in _NUMBERS_TOO or "choices" in spec:
            continue
        for name in (option, *spec.get("aliases", ())):
            if name in arguments:
                yield from _wrong(name, arguments[name], option, spec)


def _wrong(name: str, value: Any, option: str, spec: Mapping[str, Any]) -> _Found:
    if option in _TEXTS_BY_NAME:
        yield from _wrong_texts(name, value)
    elif spec.get("type", "str") in _TEXT:
        yield from _odd(name, value)
    elif spec.get("elements") in _TEXT:
        for item in value if isinstance(value, (list, tuple, set)) else (value,):
            yield from _odd(name, item)
    elif "options" in spec:
        for place, item in enumerate(value if isinstance(value, (list, tuple)) else (), start=1):
            if isinstance(item, Mapping):
                called = item["name"] if isinstance(item.get("name"), str) else f"entry {place}"
                yield from ((f"{name}: {called}: {own}", kind) for own, kind in _not_text(item, spec["options"]))


def _wrong_texts(name: str, value: Any) -> _Found:
    """Yield what is not text in a mapping of texts, or in what a value of it contains."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _odd(f"the name {key} in {name}", key)
            yield from _wrong_texts(f"{name}.{key}", item)
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from _wrong_texts(name, item)
    else:
        yield from _odd(name, value)


def _odd(name: str, value: Any) -> _Found:
    kind = next((kind for types, kind in _KINDS if isinstance(value, types)), None)
    if kind:
        yield name, kind

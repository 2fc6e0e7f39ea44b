# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strict readers for the values of a scenario. Errors are one sentence each."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from typing import Any

from .values import guid, named

Reader = Callable[[Any, str], Any]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+")


class ScenarioError(ValueError):
    """The scenario cannot be used; the text says where and why."""


def read_guid(value: Any, where: str) -> str:
    found = guid(value)
    if found is None:
        raise ScenarioError(f"{where} must be a GUID, not {value!r}.")
    return found


def text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ScenarioError(f"{where} must be a string, not {value!r}.")
    return value


def optional_text(value: Any, where: str) -> str | None:
    return None if value is None else text(value, where)


def pin(value: Any, where: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ScenarioError(f"{where} must be a quoted string or null, so that leading zeros survive.")
    return value


def boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ScenarioError(f"{where} must be true or false, not {value!r}.")
    return value


def seconds(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        raise ScenarioError(f"{where} must be a number of seconds, zero or more, not {value!r}.")
    return float(value)


def whole(least: int, most: int) -> Reader:
    def read(value: Any, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ScenarioError(f"{where} must be a whole number from {least} to {most}, not {value!r}.")
        return value

    return read


def hexadecimal(digits: int | None = None) -> Reader:
    def read(value: Any, where: str) -> str:
        if not isinstance(value, str) or not _HEXADECIMAL.fullmatch(value) or digits not in (None, len(value)):
            length = f"{digits} " if digits else ""
            raise ScenarioError(f"{where} must be a quoted string of {length}hexadecimal digits.")
        return value.upper()

    return read


def moment(value: Any, where: str) -> str:
    """A time without a zone, as the API shows the times of certificates. YAML makes an unquoted one a datetime."""
    if isinstance(value, datetime.datetime):
        value = value.replace(tzinfo=None, microsecond=0).isoformat()
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ScenarioError(f"{where} must be a time such as 2027-01-31T08:00:00, not {value!r}.")
    return value


def past(value: Any, where: str) -> str | float:
    """A time, or so many days ago; those are negative from here on."""
    return -value if _is_number(value) else moment(value, where)


def future(value: Any, where: str) -> str | float:
    """A time, or so many days from now."""
    return float(value) if _is_number(value) else moment(value, where)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 100000


def texts(value: Any, where: str) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where} must be a mapping.")
    return {text(name, where): optional_text(item, f"{where}.{name}") for name, item in value.items()}


def number_of(names: dict[str, int]) -> Reader:
    def read(value: Any, where: str) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        number = named(names, value)
        if number is None:
            raise ScenarioError(f"{where} must be a number or one of {', '.join(names)}, not {value!r}.")
        return number

    return read


def items(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ScenarioError(f"{where} must be a list.")
    return value


def fields(value: Any, where: str, readers: dict[str, Reader], required: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScenarioError(f"{where} must be a mapping.")
    for key in value:
        if key not in readers:
            raise ScenarioError(f"{where} has the unknown key {key!r}; known are {', '.join(readers)}.")
    for key in required:
        if key not in value:
            raise ScenarioError(f"{where} needs the key {key!r}.")
    return {key: readers[key](item, f"{where}.{key}") for key, item in value.items()}

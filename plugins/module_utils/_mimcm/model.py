# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wire JSON to what users see: snake_case names, enumerations by name, null for "none" and "not yet". No I/O."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import InvalidAnswer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.values import (
    REQUEST_STATUS,
    REQUEST_TYPE,
    wire_enum,
    wire_guid,
    wire_time,
)

Request = dict[str, Any]
"""A request as users see it; its keys are documented in the return values of mimcm_request_info."""

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _same(value: Any) -> Any:
    return value


def _security_descriptor(value: Any) -> Any:
    # The server pads the SDDL with one NUL character for each access control entry.
    return value.rstrip("\x00") if isinstance(value, str) else value


def _data_collection(value: Any) -> list[Any]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [{snake_case(k): v for k, v in item.items()} if isinstance(item, Mapping) else item for item in items]


# Every documented property of a request, in the documented order: what the server leaves out is returned as null.
_REQUEST: dict[str, Callable[[Any], Any]] = {
    "Uuid": wire_guid,
    "RequestType": _same,
    "Status": _same,
    "Flags": _same,
    "DataCollection": _data_collection,
    "DataCollectionFlags": _same,
    "OriginatorUserUuid": wire_guid,
    "TargetUserUuid": wire_guid,
    "Submitted": wire_time,
    "Completed": wire_time,
    "NewProfileUuid": wire_guid,
    "OldProfileUuid": wire_guid,
    "NewSmartcardUuid": wire_guid,
    "OldSmartcardUuid": wire_guid,
    "Priority": _same,
    "Comment": _same,
    "ProfileTemplateUuid": wire_guid,
    "SecurityDescriptor": _security_descriptor,
    "IsSmartcard": _same,
    "IsEnrollmentAgent": _same,
    "IsDataCollectionComplete": _same,
}
_REQUEST_ENUMS: dict[str, Mapping[int, str]] = {"status": REQUEST_STATUS, "request_type": REQUEST_TYPE}


@functools.lru_cache(maxsize=1024)
def snake_case(name: str) -> str:
    """Return C(NewSmartcardUuid) as C(new_smartcard_uuid)."""
    return _WORD_START.sub("_", name).lower()


def _fields(table: Mapping[str, Callable[[Any], Any]]) -> dict[str, tuple[str, Callable[[Any], Any]]]:
    """Return the table by lower-case name: the server's spelling varies in case."""
    return {name.lower(): (snake_case(name), convert) for name, convert in table.items()}


_REQUEST_FIELDS = _fields(_REQUEST)
_REQUEST_EMPTY = {key: convert(None) for key, convert in _REQUEST_FIELDS.values()}


def items(payload: Any, what: str) -> list[Any]:
    """Return the elements of an answer that is a list by contract.

    An array, a single object, null and an empty body are all documented for what is called a list.

    Raises:
        InvalidAnswer: It is none of these.
    """
    if payload is None:
        return []
    if isinstance(payload, list):
        return payload
    if isinstance(payload, Mapping):
        return [payload]
    raise InvalidAnswer(f"The server answered {type(payload).__name__} where {what} were expected; check api_path.")


def request(payload: Any) -> Request:
    """Return one request as users see it.

    Raises:
        InvalidAnswer: It is no object, or it has no id.
    """
    if not isinstance(payload, Mapping):
        raise InvalidAnswer(
            f"The server answered {type(payload).__name__} where a request was expected; check api_path."
        )
    # A fresh list each time: what users see of one request must not change with another.
    result = {**_REQUEST_EMPTY, "data_collection": []}
    for name, value in payload.items():
        key, convert = _REQUEST_FIELDS.get(name.lower()) or (snake_case(name), _same)
        result[key] = convert(value)
    if result["uuid"] is None:
        raise InvalidAnswer("The server answered a request that has no id (Uuid); check api_path.")
    for key, names in _REQUEST_ENUMS.items():
        result[key], result[f"{key}_code"] = wire_enum(result[key], names)
    return result


def requests(payload: Any) -> list[Request]:
    """Return a list of requests as users see it, in the server's order."""
    return [request(item) for item in items(payload, "requests")]


def unknown_code_warnings(found: Iterable[Request]) -> list[str]:
    """Return one warning for each number of an enumeration that this version of the collection does not know."""
    unknown = {
        (key, item[f"{key}_code"])
        for item in found
        for key in _REQUEST_ENUMS
        if item[key] is None and item[f"{key}_code"] is not None
    }
    return [
        f"The server uses the {key.replace('_', ' ')} number {number}, which this version of certops.mimcm does not "
        f"know; it is returned as {key}_code with {key} null."
        for key, number in sorted(unknown)
    ]

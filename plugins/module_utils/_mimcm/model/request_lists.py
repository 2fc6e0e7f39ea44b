# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert long lists of requests. Unlike shapes.py this is fast: a list may have a hundred thousand requests. No I/O.

Going through the table of properties for each request, as shapes.py does, takes several times as long. A request that
is not as documented is left to shapes.py; a test makes sure that both give the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from operator import itemgetter
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import REQUEST_STATUS, REQUEST_TYPE
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import (
    REQUEST,
    any_list,
    any_value,
    check_properties,
    items,
    request,
    snake_case,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import (
    NO_GUID,
    NO_TIME,
    wire_guid,
    wire_time,
)

# Times before this year mean "not yet": the server sends the year 1 for them.
_YEARS = "0002"
_IDS_LENGTH = 8 * len(NO_GUID)
# The keys for the numbers of enumerations; properties of the server that would become these keys are ignored.
_CODES = [f"{key}_code" for key in REQUEST.enums]
# The exceptions that reading a request may raise that is not as documented.
_SURPRISES = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def requests(payload: Any, wanted: Container[str] | None = None) -> list[Request]:
    """Return a list of requests as users see it, in the server's order. It reuses the payload's list to save memory.

    Args:
        payload: The decoded answer.
        wanted: Only the requests with these ids, normalised; None for all.

    Raises:
        InvalidAnswer: The payload is not a list of requests.
    """
    listed = items(payload, REQUEST.many)
    if wanted is not None:
        listed = [item for item in listed if _may_be(item, wanted)]
    _convert(listed)
    return listed if wanted is None else [found for found in listed if found["uuid"] in wanted]


def _may_be(item: Any, wanted: Container[str]) -> bool:
    """Return whether an element may be one of the wanted requests: a cheap test that may say yes too often."""
    try:
        uuid = item["Uuid"]
        return uuid.lower() in wanted or len(uuid) != len(NO_GUID)
    except _SURPRISES:
        return True


def _layout(first: Any) -> tuple[Callable[[Any], Any], dict[str, str]]:
    """Return a function that reads a request's documented properties, and the keys of the properties beyond those.

    Both go by the first request of a list. Requests that differ from it are converted one by one.
    """
    properties = first if isinstance(first, dict) else {}
    check_properties(properties, REQUEST)
    spelled = {name.lower(): name for name in properties}
    read = itemgetter(*(spelled.get(name, name) for name in REQUEST.fields))
    others = {name: snake_case(name) for lower, name in spelled.items() if lower not in REQUEST.fields}
    return read, {name: key for name, key in others.items() if key not in _CODES}


def _blank(others: Iterable[str]) -> dict[str, Any]:
    """Return a request whose values are all None, as a dictionary to copy.

    Attribute dictionaries share their keys (PEP 412), and so do their copies: a copy takes a third of the memory and
    half of the time of a dictionary that is built.

    Args:
        others: The keys beside those of a documented request.
    """

    class Keys:
        """A new class for each list, so it has no attributes left from an earlier list."""

    holder = Keys()
    for key in [*REQUEST.empty(), *_CODES]:
        setattr(holder, key, None)
    # Not as attributes: the server chooses these names, and some may have a meaning in Python.
    return vars(holder) | dict.fromkeys(others)


def _convert(listed: list[Any]) -> None:
    """Replace each request of the server by the form that users see, in place, so no list is in memory twice."""
    read, others = _layout(listed[0] if listed else None)
    properties = len(REQUEST.fields) + len(others)
    statuses, types = REQUEST_STATUS.get, REQUEST_TYPE.get
    blank = _blank(others.values()).copy
    for index, item in enumerate(listed):
        try:
            (
                uuid,
                request_type,
                status,
                flags,
                data,
                data_flags,
                originator,
                target,
                submitted,
                completed,
                new_profile,
                old_profile,
                new_card,
                old_card,
                priority,
                comment,
                template,
                descriptor,
                smartcard,
                agent,
                complete,
            ) = read(item)
            ids = f"{uuid}{originator}{target}{new_profile}{old_profile}{new_card}{old_card}{template}"
            if len(ids) != _IDS_LENGTH or ids != ids.lower():
                uuid, originator, target, new_profile, old_profile, new_card, old_card, template = map(
                    wire_guid, (uuid, originator, target, new_profile, old_profile, new_card, old_card, template)
                )
            if submitted[-1] != "Z" or submitted < _YEARS or not submitted.isascii():
                submitted = wire_time(submitted)
            if completed == NO_TIME:
                completed = None
            elif completed[-1] != "Z" or completed < _YEARS or not completed.isascii():
                completed = wire_time(completed)
            texts = ids.isascii() and comment.isascii() and descriptor.isascii()
            numbers = int is flags.__class__ is data_flags.__class__ is priority.__class__
            codes = int is request_type.__class__ is status.__class__
            answers = bool is smartcard.__class__ is agent.__class__ is complete.__class__
            if not (texts and numbers and codes and answers) or uuid in (None, NO_GUID) or len(item) != properties:
                raise ValueError
            found = blank()
            found["uuid"] = uuid
            found["request_type"] = types(request_type)
            found["status"] = statuses(status)
            found["flags"] = flags
            found["data_collection"] = data if data == [] else any_list(data)
            found["data_collection_flags"] = data_flags
            if originator != NO_GUID:
                found["originator_user_uuid"] = originator
            if target != NO_GUID:
                found["target_user_uuid"] = target
            found["submitted"] = submitted
            found["completed"] = completed
            if new_profile != NO_GUID:
                found["new_profile_uuid"] = new_profile
            if old_profile != NO_GUID:
                found["old_profile_uuid"] = old_profile
            if new_card != NO_GUID:
                found["new_smartcard_uuid"] = new_card
            if old_card != NO_GUID:
                found["old_smartcard_uuid"] = old_card
            found["priority"] = priority
            found["comment"] = comment
            if template != NO_GUID:
                found["profile_template_uuid"] = template
            found["security_descriptor"] = descriptor.rstrip("\x00")
            found["is_smartcard"] = smartcard
            found["is_enrollment_agent"] = agent
            found["is_data_collection_complete"] = complete
            found["status_code"] = status
            found["request_type_code"] = request_type
            if others:
                found.update({key: any_value(item[name]) for name, key in others.items()})
            listed[index] = found
        except _SURPRISES:
            listed[index] = request(item)

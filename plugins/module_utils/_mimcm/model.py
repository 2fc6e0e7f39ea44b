# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wire JSON to what users see: snake_case names, enumerations by name, null for "none" and "not yet". No I/O."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import InvalidAnswer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.values import (
    PROFILE_STATUS,
    REQUEST_STATUS,
    REQUEST_TYPE,
    SMARTCARD_STATUS,
    is_guid,
    wire_enum,
    wire_guid,
    wire_time,
)

Item = dict[str, Any]
"""What users see of one thing of the server's."""
Request = Item
"""A request as users see it; its keys are documented in the return values of mimcm_request_info."""

_Table = Mapping[str, Callable[[Any], Any]]
# What is documented has five.
_DEPTH_MAX = 50
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@functools.lru_cache(maxsize=1024)
def snake_case(name: str) -> str:
    """Return C(NewSmartcardUuid) as C(new_smartcard_uuid)."""
    return _WORD_START.sub("_", name).lower()


def _same(value: Any) -> Any:
    if isinstance(value, (Mapping, list)):
        _check_depth(value)
    return value


def _check_depth(value: Any) -> None:
    """Refuse what is nested so deeply that what comes after this collection breaks on it.

    Raises:
        InvalidAnswer: It is.
    """
    level = [value]
    for _depth in range(_DEPTH_MAX):
        inner = [item.values() if isinstance(item, Mapping) else item for item in level]
        level = [item for items in inner for item in items if isinstance(item, (Mapping, list))]
        if not level:
            return
    raise InvalidAnswer(f"The server answered something that is nested more than {_DEPTH_MAX} deep; check api_path.")


def _snake_keys(value: Any) -> Any:
    """Return a value with the names of its objects, at any depth, as users see them."""
    return _renamed(_same(value))


def _renamed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {snake_case(name): _renamed(item) for name, item in value.items()}
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _list(value: Any) -> list[Any]:
    return [] if value is None else _snake_keys(value if isinstance(value, list) else [value])


def _security_descriptor(value: Any) -> Any:
    # The server pads the SDDL with one NUL character for each access control entry.
    return value.rstrip("\x00") if isinstance(value, str) else value


@dataclass(frozen=True)
class Shape:
    """How one kind of thing looks on the wire and to users; made by L(shape)."""

    one: str
    many: str
    fields: Mapping[str, tuple[str, Callable[[Any], Any]]]
    enums: Mapping[str, Mapping[int, str]]
    identified: bool
    other: Callable[[Any], Any]

    def empty(self) -> Item:
        """Return every documented property without a value; fresh lists, so that no two things share one."""
        return {key: convert(None) for key, convert in self.fields.values()}


def shape(
    one: str,
    many: str,
    table: _Table,
    enums: Mapping[str, Mapping[int, str]] | None = None,
    identified: bool = True,
    other: Callable[[Any], Any] = _same,
) -> Shape:
    """Return a shape.

    Args:
        one: What messages call one of them, with its article.
        many: What messages call several.
        table: Every documented property with its conversion, in the documented order.
        enums: The names of the numbers, for the keys that are enumerations.
        identified: Whether it has an id of its own, without which it is none.
        other: The conversion of properties that are not documented.
    """
    # By lower-case name, because the server's spelling varies in case.
    fields = {name.lower(): (snake_case(name), convert) for name, convert in table.items()}
    return Shape(one, many, fields, enums or {}, identified, other)


REQUEST = shape(
    "a request",
    "requests",
    {
        "Uuid": wire_guid,
        "RequestType": _same,
        "Status": _same,
        "Flags": _same,
        "DataCollection": _list,
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
    },
    {"status": REQUEST_STATUS, "request_type": REQUEST_TYPE},
)

SMARTCARD = shape(
    "a smart card",
    "smart cards",
    {
        "Uuid": wire_guid,
        "Status": _same,
        "Flags": _same,
        "ParentSmartcardUuid": wire_guid,
        "PrimarySmartcardUuid": wire_guid,
        "PermanentSmartcardUuid": wire_guid,
        "AssignedUserUuid": wire_guid,
        "ProfileTemplateUuid": wire_guid,
        "ProfileTemplateVersion": _same,
        "Comment": _same,
        "SerialNumber": _same,
        "Middleware": _same,
        "Atr": _same,
    },
    {"status": SMARTCARD_STATUS},
)

PROFILE = shape(
    "a profile",
    "profiles",
    {
        "Uuid": wire_guid,
        "Status": _same,
        "Flags": _same,
        "ParentProfileUuid": wire_guid,
        "PrimaryProfileUuid": wire_guid,
        "AssignedUserUuid": wire_guid,
        "ProfileTemplateUuid": wire_guid,
        "ProfileTemplateVersion": _same,
        "Comment": _same,
        "ProfileOperations": _list,
    },
    {"status": PROFILE_STATUS},
)

PROFILE_TEMPLATE = shape(
    "a profile template",
    "profile templates",
    {
        "Uuid": wire_guid,
        "Name": _same,
        "Description": _same,
        "IsSmartcardProfileTemplate": _same,
        "IsVirtualSmartcardProfileTemplate": _same,
    },
)

POLICY = shape(
    "a workflow policy",
    "workflow policies",
    {
        "Enabled": _same,
        "ApprovalsNeeded": _same,
        "AuthorizedApprover": _snake_keys,
        "AuthorizedEnrollmentAgent": _snake_keys,
        "AuthorizedInitiator": _snake_keys,
        "CollectComments": _same,
        "CollectRequestPriority": _same,
        "DefaultRequestPriority": _same,
        "Documents": _list,
        "EnrollAgentRequired": _same,
        "OneTimePasswordPolicy": _snake_keys,
        "Personalization": _snake_keys,
        "PolicyDataCollection": _list,
        "SelfServiceEnabled": _same,
    },
    identified=False,
    other=_snake_keys,
)

SMARTCARD_CONFIGURATION = shape(
    "a smart card configuration",
    "smart card configurations",
    {"DefaultAdminKeyHex": _same, "DiversifyAdminKey": _same, "UserPinOption": _same},
    identified=False,
    other=_snake_keys,
)

CERTIFICATE = shape(
    "a certificate",
    "certificates",
    {
        "Thumbprint": _same,
        "SerialNumber": _same,
        "TemplateCommonName": _same,
        "Issuer": _same,
        "RequesterName": _same,
        "NotBefore": wire_time,
        "NotAfter": wire_time,
        "Status": _same,
        "CertificateType": _same,
        "IsKeyHistory": _same,
        "ArchivedOnCa": _same,
    },
    identified=False,
)

GENERATION_OPTIONS = shape(
    "certificate request generation options",
    "certificate request generation options",
    {
        "Subject": _same,
        "KeyAlgorithmName": _same,
        "KeySize": _same,
        "HashAlgorithmName": _same,
        "KeyUsages": _same,
        "Exportable": _same,
        "KeyProtectionLevel": _same,
        "KeyStorageProviderNames": _list,
        "FriendlyName": _same,
    },
    identified=False,
)

ISSUED_CERTIFICATE = shape(
    "an issued certificate",
    "issued certificates",
    {
        "CertificateId": _same,
        "TemplateCommonName": _same,
        "Error": _same,
        "Flags": _same,
        "IsExternal": _same,
        "isKeyHistory": _same,
        "isPfx": _same,
        "isPkcs7": _same,
        "isServerGenerated": _same,
        "Pfx": _same,
        "Pkcs7": _same,
        "UseLocalMachineStore": _same,
    },
    identified=False,
)


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


def shaped(payload: Any, form: Shape) -> Item:
    """Return one thing as users see it.

    Raises:
        InvalidAnswer: It is no object, or it has no id where it must have one.
    """
    if not isinstance(payload, Mapping):
        raise InvalidAnswer(
            f"The server answered {type(payload).__name__} where {form.one} was expected; check api_path."
        )
    result = form.empty()
    fields, other = form.fields, form.other
    for name, value in payload.items():
        key, convert = fields.get(name.lower()) or (snake_case(name), other)
        result[key] = convert(value)
    if form.identified and result["uuid"] is None:
        raise InvalidAnswer(f"The server answered {form.one} that has no id (Uuid); check api_path.")
    for key, names in form.enums.items():
        result[key], result[f"{key}_code"] = wire_enum(result[key], names)
    return result


def all_shaped(payload: Any, form: Shape) -> list[Item]:
    """Return a list of things as users see them, in the server's order."""
    return [shaped(item, form) for item in items(payload, form.many)]


def request(payload: Any) -> Request:
    """Return one request as users see it."""
    return shaped(payload, REQUEST)


def requests(payload: Any) -> list[Request]:
    """Return a list of requests as users see it, in the server's order."""
    return all_shaped(payload, REQUEST)


def smartcard(payload: Any) -> Item:
    """Return one smart card as users see it, with the card's own id taken out of its serial number."""
    result = shaped(payload, SMARTCARD)
    result["card_id"] = wire_guid(result["serial_number"])
    return result


def unknown_code_warnings(found: Iterable[Item], form: Shape = REQUEST) -> list[str]:
    """Return one warning for each number of an enumeration that this version of the collection does not know."""
    unknown = {
        (key, item[f"{key}_code"])
        for item in found
        for key in form.enums
        if item[key] is None and item[f"{key}_code"] is not None
    }
    return [
        f"The server uses the {key.replace('_', ' ')} number {number}, which this version of certops.mimcm does not "
        f"know; it is returned as {key}_code with {key} null."
        for key, number in sorted(unknown)
    ]


def created_id(payload: Any) -> str:
    """Return the id in the address of what was created, relative or absolute.

    Raises:
        InvalidAnswer: There is none.
    """
    found = wire_guid(payload.rstrip("/").rpartition("/")[2]) if isinstance(payload, str) else None
    if found is None or not is_guid(found):
        raise InvalidAnswer("The server created something and did not answer with its address; look for it in a list.")
    return found


def wire_data_collection(values: Mapping[str, Any], form: str) -> Any:
    """Return data collection items as a creation sends them: one object an item.

    Args:
        values: Each item's value by its name.
        form: V(list), or V(string) for a string that holds the JSON of that list. The empty one is documented as a
            string only.
    """
    listed = [{name: value} for name, value in values.items()]
    return json.dumps(listed) if form == "string" or not listed else listed

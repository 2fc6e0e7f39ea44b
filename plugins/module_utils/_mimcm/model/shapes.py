# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert JSON of the API to the form that users see: snake_case, enumerations by name, null for "none". No I/O."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import InvalidAnswer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    PROFILE_STATUS,
    REQUEST_STATUS,
    REQUEST_TYPE,
    SMARTCARD_STATUS,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import (
    Certificate,
    GenerationOptions,
    IssuedCertificate,
    Profile,
    ProfileTemplate,
    Request,
    Smartcard,
    SmartcardConfiguration,
    WorkflowPolicy,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import (
    is_guid,
    printable,
    wire_enum,
    wire_guid,
    wire_time,
)

_Item = TypeVar("_Item", bound=Mapping[str, Any])

_Convert = Callable[[Any], Any]
_Table = Mapping[str, _Convert]
# The deepest documented answer has five levels.
_DEPTH_MAX = 50
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# A documented object has about twenty.
_PROPERTIES_MAX = 1000


@functools.lru_cache(maxsize=1024)
def snake_case(name: str) -> str:
    """Return C(NewSmartcardUuid) as C(new_smartcard_uuid)."""
    return printable(_WORD_START.sub("_", name).lower())


def any_value(value: Any) -> Any:
    """Return a value as the server sent it, with its strings printable.

    Raises:
        InvalidAnswer: The value is nested too deeply for Ansible to process.
    """
    return _rebuilt(value, printable)


def _snake_keys(value: Any) -> Any:
    """Return a value whose objects, at any depth, have snake_case names."""
    return _rebuilt(value, snake_case)


def _rebuilt(value: Any, named: Callable[[str], str], levels: int = _DEPTH_MAX) -> Any:
    """Return a copy of a value with printable strings, whose objects' names went through a function."""
    if isinstance(value, str):
        return printable(value)
    if not isinstance(value, (dict, list)):
        return value
    if not levels:
        raise InvalidAnswer(
            f"The server answered data that are nested more than {_DEPTH_MAX} levels deep", remedy="check api_path"
        )
    if isinstance(value, list):
        return [_rebuilt(item, named, levels - 1) for item in value]
    return {named(name): _rebuilt(item, named, levels - 1) for name, item in value.items()}


def any_list(value: Any) -> list[Any]:
    """Return a list from an answer, whose objects have snake_case names; a single value becomes a list of one."""
    return [] if value is None else _snake_keys(value if isinstance(value, list) else [value])


def _security_descriptor(value: Any) -> Any:
    # The server pads the SDDL with one NUL character for each access control entry.
    return any_value(value.rstrip("\x00") if isinstance(value, str) else value)


@dataclass(frozen=True, eq=False)
class Shape(Generic[_Item]):
    """How one kind of object, such as requests, looks in the API and to users; made by L(shape)."""

    one: str
    many: str
    fields: Mapping[str, tuple[str, _Convert]]
    enums: Mapping[str, Mapping[int, str]]
    identified: bool
    other: _Convert

    def empty(self) -> _Item:
        """Return an object of this shape without values. Its lists are new ones, so objects never share them."""
        found: Any = {key: convert(None) for key, convert in self.fields.values()}
        return found


@dataclass(frozen=True)
class _Reading:
    """How to read objects with the same properties in the same order: determined once for a whole list."""

    keys: Mapping[str, None]
    """Every key of the result, in its order."""
    columns: tuple[tuple[str, _Convert], ...]
    """The key and the conversion of each property, in the server's order."""
    absent: tuple[tuple[str, _Convert], ...]
    """The key and the conversion of each documented property that the server leaves out."""


def shape(
    kind: type[_Item],
    one: str,
    many: str,
    table: _Table,
    enums: Mapping[str, Mapping[int, str]] | None = None,
    identified: bool = True,
    other: Callable[[Any], Any] = any_value,
) -> Shape[_Item]:
    """Return the shape of one kind of object.

    Args:
        kind: The type that users see.
        one: The name of one object for messages, with its article.
        many: The name of several.
        table: Every documented property with its conversion, in the documented order.
        enums: The names of the numbers, for the keys that are enumerations.
        identified: Whether each object must have an id (Uuid).
        other: The conversion of properties that are not documented.
    """
    # In lower case, because the case of the server's names varies.
    fields = {name.lower(): (snake_case(name), convert) for name, convert in table.items()}
    return Shape(one, many, fields, enums or {}, identified, other)


REQUEST = shape(
    Request,
    "a request",
    "requests",
    {
        "Uuid": wire_guid,
        "RequestType": any_value,
        "Status": any_value,
        "Flags": any_value,
        "DataCollection": any_list,
        "DataCollectionFlags": any_value,
        "OriginatorUserUuid": wire_guid,
        "TargetUserUuid": wire_guid,
        "Submitted": wire_time,
        "Completed": wire_time,
        "NewProfileUuid": wire_guid,
        "OldProfileUuid": wire_guid,
        "NewSmartcardUuid": wire_guid,
        "OldSmartcardUuid": wire_guid,
        "Priority": any_value,
        "Comment": any_value,
        "ProfileTemplateUuid": wire_guid,
        "SecurityDescriptor": _security_descriptor,
        "IsSmartcard": any_value,
        "IsEnrollmentAgent": any_value,
        "IsDataCollectionComplete": any_value,
    },
    {"status": REQUEST_STATUS, "request_type": REQUEST_TYPE},
)

SMARTCARD = shape(
    Smartcard,
    "a smart card",
    "smart cards",
    {
        "Uuid": wire_guid,
        "Status": any_value,
        "Flags": any_value,
        "ParentSmartcardUuid": wire_guid,
        "PrimarySmartcardUuid": wire_guid,
        "PermanentSmartcardUuid": wire_guid,
        "AssignedUserUuid": wire_guid,
        "ProfileTemplateUuid": wire_guid,
        "ProfileTemplateVersion": any_value,
        "Comment": any_value,
        "SerialNumber": any_value,
        "Middleware": any_value,
        "Atr": any_value,
    },
    {"status": SMARTCARD_STATUS},
)

PROFILE = shape(
    Profile,
    "a profile",
    "profiles",
    {
        "Uuid": wire_guid,
        "Status": any_value,
        "Flags": any_value,
        "ParentProfileUuid": wire_guid,
        "PrimaryProfileUuid": wire_guid,
        "AssignedUserUuid": wire_guid,
        "ProfileTemplateUuid": wire_guid,
        "ProfileTemplateVersion": any_value,
        "Comment": any_value,
        "ProfileOperations": any_list,
    },
    {"status": PROFILE_STATUS},
)

PROFILE_TEMPLATE = shape(
    ProfileTemplate,
    "a profile template",
    "profile templates",
    {
        "Uuid": wire_guid,
        "Name": any_value,
        "Description": any_value,
        "IsSmartcardProfileTemplate": any_value,
        "IsVirtualSmartcardProfileTemplate": any_value,
    },
)

POLICY = shape(
    WorkflowPolicy,
    "a workflow policy",
    "workflow policies",
    {
        "Enabled": any_value,
        "ApprovalsNeeded": any_value,
        "AuthorizedApprover": _snake_keys,
        "AuthorizedEnrollmentAgent": _snake_keys,
        "AuthorizedInitiator": _snake_keys,
        "CollectComments": any_value,
        "CollectRequestPriority": any_value,
        "DefaultRequestPriority": any_value,
        "Documents": any_list,
        "EnrollAgentRequired": any_value,
        "OneTimePasswordPolicy": _snake_keys,
        "Personalization": _snake_keys,
        "PolicyDataCollection": any_list,
        "DataCollection": any_list,
        "SelfServiceEnabled": any_value,
    },
    identified=False,
    other=_snake_keys,
)

SMARTCARD_CONFIGURATION = shape(
    SmartcardConfiguration,
    "a smart card configuration",
    "smart card configurations",
    {"DefaultAdminKeyHex": any_value, "DiversifyAdminKey": any_value, "UserPinOption": any_value},
    identified=False,
    other=_snake_keys,
)

SECRET_CONFIGURATION = ("default_admin_key_hex", "admin_pin_policy", "card_initialization_data")
"""The properties of a smart card configuration that are, or may hold, a secret."""

_SECRET_NAMES = frozenset(name.replace("_", "") for name in SECRET_CONFIGURATION)


def without_secrets(value: Any) -> Any:
    """Return a smart card configuration without its secrets, at any depth and in any letter case of their names."""
    if isinstance(value, Mapping):
        return {name: without_secrets(item) for name, item in value.items() if not _is_secret(name)}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def _is_secret(name: str) -> bool:
    # Where the words of a name begin is lost if the server does not write it as documented.
    return "".join(filter(str.isalnum, name)).lower() in _SECRET_NAMES


CERTIFICATE = shape(
    Certificate,
    "a certificate",
    "certificates",
    {
        "Thumbprint": any_value,
        "SerialNumber": any_value,
        "TemplateCommonName": any_value,
        "Issuer": any_value,
        "RequesterName": any_value,
        "NotBefore": wire_time,
        "NotAfter": wire_time,
        "Status": any_value,
        "CertificateType": any_value,
        "IsKeyHistory": any_value,
        "ArchivedOnCa": any_value,
    },
    identified=False,
)

GENERATION_OPTIONS = shape(
    GenerationOptions,
    "certificate request generation options",
    "certificate request generation options",
    {
        "Subject": any_value,
        "KeyAlgorithmName": any_value,
        "KeySize": any_value,
        "HashAlgorithmName": any_value,
        "KeyUsages": any_value,
        "Exportable": any_value,
        "KeyProtectionLevel": any_value,
        "KeyStorageProviderNames": any_list,
        "FriendlyName": any_value,
    },
    identified=False,
)

ISSUED_CERTIFICATE = shape(
    IssuedCertificate,
    "an issued certificate",
    "issued certificates",
    {
        "CertificateId": any_value,
        "TemplateCommonName": any_value,
        "Error": any_value,
        "Flags": any_value,
        "IsExternal": any_value,
        "isKeyHistory": any_value,
        "isPfx": any_value,
        "isPkcs7": any_value,
        "isServerGenerated": any_value,
        "Pfx": any_value,
        "Pkcs7": any_value,
        "UseLocalMachineStore": any_value,
    },
    identified=False,
)


@functools.lru_cache(maxsize=256)
def _reading(form: Shape[Any], names: tuple[str, ...]) -> _Reading:
    """Return how to read objects of a shape whose properties have these names."""
    columns = tuple(form.fields.get(name.lower()) or (snake_case(name), form.other) for name in names)
    given = [key for key, _convert in columns]
    documented = [key for key, _convert in form.fields.values()]
    codes = [f"{key}_code" for key in form.enums]
    return _Reading(
        keys=dict.fromkeys([*documented, *codes, *given]),
        columns=columns,
        absent=tuple((key, convert) for key, convert in form.fields.values() if key not in given),
    )


def items(payload: Any, what: str) -> list[Any]:
    """Return the elements of an answer that is documented as a list.

    The documentation shows an array, a single object, null and an empty body for lists.

    Raises:
        InvalidAnswer: The payload is none of these.
    """
    if payload is None:
        return []
    if isinstance(payload, list):
        return payload
    if isinstance(payload, dict):
        return [payload]
    raise InvalidAnswer(
        f"The server answered {type(payload).__name__} where {what} were expected", remedy="check api_path"
    )


def shaped(payload: Any, form: Shape[_Item]) -> _Item:
    """Return one object as users see it.

    Raises:
        InvalidAnswer: The payload is not a JSON object, or lacks an id that its shape must have.
    """
    if not isinstance(payload, dict):
        raise InvalidAnswer(
            f"The server answered {type(payload).__name__} where {form.one} was expected", remedy="check api_path"
        )
    check_properties(payload, form)
    reading = _reading(form, tuple(payload))
    result: Any = dict(reading.keys)
    for (key, convert), value in zip(reading.columns, payload.values(), strict=True):
        result[key] = convert(value)
    for key, convert in reading.absent:
        result[key] = convert(None)
    if form.identified and result["uuid"] is None:
        raise InvalidAnswer(f"The server answered {form.one} that has no id (Uuid)", remedy="check api_path")
    for key, names in form.enums.items():
        result[key], result[f"{key}_code"] = wire_enum(result[key], names)
    return result


def check_properties(payload: Mapping[str, Any], form: Shape[Any]) -> None:
    """Refuse an object with so many properties that going through their names would take minutes.

    Raises:
        InvalidAnswer: The object has too many properties.
    """
    if len(payload) > _PROPERTIES_MAX:
        raise InvalidAnswer(
            f"The server answered {form.one} with {len(payload)} properties, which is more than {_PROPERTIES_MAX}",
            remedy="check api_path",
        )


def all_shaped(payload: Any, form: Shape[_Item]) -> list[_Item]:
    """Return the objects of a list as users see them, in the server's order."""
    return [shaped(item, form) for item in items(payload, form.many)]


def request(payload: Any) -> Request:
    """Return one request as users see it."""
    return shaped(payload, REQUEST)


def smartcard(payload: Any) -> Smartcard:
    """Return one smart card as users see it, with the card's own id, which is in its serial number."""
    result = shaped(payload, SMARTCARD)
    result["card_id"] = wire_guid(result["serial_number"])
    return result


def policy(payload: Any) -> WorkflowPolicy:
    """Return a workflow policy as users see it, with its data collection items under one name.

    The reference calls the property PolicyDataCollection, and in its walkthrough DataCollection.
    """
    result = shaped(payload, POLICY)
    known = set(map(repr, result["policy_data_collection"]))
    more = [item for item in result["data_collection"] if repr(item) not in known]
    result["policy_data_collection"] = [*result["policy_data_collection"], *more]
    return result


def unknown_code_warnings(found: Iterable[Mapping[str, Any]], form: Shape[Any] = REQUEST) -> list[str]:
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
    """Return the id in the relative or absolute address of a created object.

    Raises:
        InvalidAnswer: The payload contains no id.
    """
    found = wire_guid(payload.rstrip("/").rpartition("/")[2]) if isinstance(payload, str) else None
    if found is None or not is_guid(found):
        raise InvalidAnswer(
            "The server created an object, but did not answer with its address", remedy="look for it in a list"
        )
    return found


def wire_data_collection(values: Mapping[str, Any], form: str) -> Any:
    """Return data collection items in the form of a creation: a list with one object per item.

    Args:
        values: Each item's value by its name.
        form: V(list), or V(string) for a string with the JSON of that list. An empty list is always sent as a string,
            the only form that is documented for it.
    """
    listed = [{name: value} for name, value in values.items()]
    return json.dumps(listed) if form == "string" or not listed else listed

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert single values between the API and the user: GUIDs, times, enumerations, base64. No I/O."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import InvalidAnswer, UsageError

NO_GUID = "00000000-0000-0000-0000-000000000000"
NO_TIME = "0001-01-01T00:00:00"


_GUID = re.compile(r"\{?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_BETWEEN_HEX = re.compile(r"[\s:-]")
# Short enough for int(), which refuses thousands of digits.
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_HAS_ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$", re.IGNORECASE)


def guid(value: Any, option: str) -> str:
    """Return a GUID that a user wrote as the API spells it: lower case, no braces.

    Raises:
        UsageError: The value is not a GUID; the message names the option.
    """
    text = str(value).strip()
    if not _GUID.fullmatch(text) or text.startswith("{") != text.endswith("}"):
        raise UsageError(
            f"'{text}' is not a GUID", where=option, remedy="it should look like a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
        )
    return str(uuid.UUID(text))


def is_guid(text: str) -> bool:
    """Return whether a string is a GUID, in either case, with or without braces."""
    return _GUID.fullmatch(text) is not None


def guids(values: Iterable[Any], option: str) -> list[str]:
    """Return the GUIDs of a list in its order, each once."""
    return list(dict.fromkeys(guid(value, option) for value in values))


def optional_guid(value: Any, option: str) -> str | None:
    """Return a GUID as L(guid) does, None for an option that is not set."""
    return guid(value, option) if value else None


@dataclass(frozen=True)
class Bytes:
    """Bytes in base64 and in hexadecimal, and which of the two they were given in."""

    base64: str
    hex: str
    encoding: str


def spelled(raw: bytes, encoding: str) -> Bytes:
    """Return bytes in base64 and in hexadecimal."""
    return Bytes(base64.b64encode(raw).decode(), raw.hex(), encoding)


def binary(value: str, encoding: str, option: str) -> Bytes:
    """Return the bytes that a user wrote in hexadecimal or in base64.

    Args:
        value: The string; hexadecimal may have spaces, colons or dashes between the digits.
        encoding: V(hex), V(base64), or V(auto): hexadecimal if it can be read as such, otherwise base64.
        option: The option's name, for the message.

    Raises:
        UsageError: The value is neither; the message does not repeat it.
    """
    readers = {"hex": _from_hex, "base64": base64_bytes}
    for name in readers if encoding == "auto" else (encoding,):
        raw = readers[name](value)
        if raw:
            return spelled(raw, name)
    expected = "hexadecimal or base64" if encoding == "auto" else encoding
    raise UsageError(
        f"{option} is not {expected}", remedy="give the bytes of the card's challenge, such as cfaa62118bbd2500"
    )


def answered_bytes(text: str | None, what: str) -> Bytes | None:
    """Return the bytes that the server answered in base64, None for none.

    Args:
        text: The base64.
        what: What the bytes are called in messages.

    Raises:
        InvalidAnswer: The text is not base64; the message does not repeat it.
    """
    if text is None:
        return None
    raw = base64_bytes(text)
    if not raw:
        raise InvalidAnswer(
            f"The server answered an {what} that is not base64", remedy="check smartcard_id and card_id"
        )
    return spelled(raw, "base64")


def _from_hex(text: str) -> bytes:
    digits = _BETWEEN_HEX.sub("", text).removeprefix("0x")
    try:
        return binascii.unhexlify(digits)
    except (binascii.Error, ValueError):
        return b""


def base64_bytes(text: str) -> bytes | None:
    """Return the bytes of a base64 string, with or without line ends, None if it is not base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def printable(text: str) -> str:
    """Return a string from an answer with unpaired surrogates replaced, because they cannot be encoded."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def wire_guid(value: Any) -> str | None:
    """Return a GUID from an answer in lower case without braces, None for "none"."""
    if not isinstance(value, str):
        return None
    text = (value if len(value) == len(NO_GUID) else value.strip().strip("{}")).lower()
    return None if text in ("", NO_GUID) else printable(text)


def wire_time(value: Any) -> str | None:
    """Return a time from an answer with its zone, None for "not yet".

    A time without a zone counts as UTC. That is not documented; the documented examples suggest it.
    """
    if not isinstance(value, str) or not value or value.startswith(NO_TIME):
        return None
    return printable(value if value[-1] == "Z" or _HAS_ZONE.search(value) else f"{value}Z")


def wire_enum(value: Any, names: Mapping[int, str]) -> tuple[str | None, int | None]:
    """Return the name and the number of an enumeration's value.

    An unknown number is not an error; its name is None. The server may also send names.
    """
    if isinstance(value, str) and not _WHOLE_NUMBER.fullmatch(value):
        known = {name.lower(): (name, number) for number, name in names.items()}
        return known.get(value.lower(), (None, None))
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None, None
    number = int(value)
    return names.get(number), number

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the secrets among options, and texts that repeat a secret in any usual encoding or in part."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
"""What Ansible's own modules show in place of a secret."""
# A part of a secret of this length counts as the secret, so a secret that was cut off is recognised too.
_PART = 6
# How often a text may have been encoded.
_NESTED = 3
_SPACE = re.compile(r"\s+")
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})|(?:\\x|=)([0-9a-fA-F]{2})")


def _base64_of(secret: str) -> Iterator[str]:
    """Yield the base64 of a secret at each offset in a text, without the outer letters, which depend on that text."""
    data = secret.encode(errors="replace")
    for before in range(3):
        yield base64.b64encode(bytes(before) + data).decode()[4 if before else 0 : -4]


_FORMS: tuple[Callable[[str], str], ...] = (
    str,
    lambda secret: json.dumps(secret)[1:-1],
    lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    lambda secret: repr(secret)[1:-1],
    lambda secret: quote(secret, safe="", errors="replace"),
    lambda secret: quote(secret, errors="replace"),
    lambda secret: quote_plus(secret, errors="replace"),
    html.escape,
    lambda secret: secret.encode(errors="replace").hex(),
)


def secrets_in(params: Mapping[str, Any], argument_spec: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the values of the secret options, as strings.

    Args:
        params: The options.
        argument_spec: Marks the secret options with C(no_log).
    """
    values = (params.get(name) for name, spec in argument_spec.items() if spec.get("no_log"))
    return {str(value) for value in values if value not in (None, "")}


def masked(params: Mapping[str, Any], argument_spec: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return options with the secret values masked.

    Args:
        params: The options.
        argument_spec: Marks the secret options with C(no_log).
    """
    return {
        name: _MASK if value is not None and argument_spec.get(name, {}).get("no_log") else value
        for name, value in params.items()
    }


def repeats(text: str, secrets: Collection[str]) -> bool:
    """Return whether a text repeats a secret, or a part of it.

    The time it takes grows with the length of the text plus that of the secrets, never with their product.

    Args:
        text: A text from a server or a library.
        secrets: The secrets.
    """
    variants = _variants(text)
    windows = {said[start : start + _PART] for said in variants for start in range(len(said))}
    return any(
        part in windows if len(part) == _PART else any(part in said for said in variants)
        for secret in secrets
        if secret
        for form in _forms(secret)
        for part in _parts(_bare(form))
    )


def _variants(text: str) -> list[str]:
    """Return a text as it is, and as it reads with its escapes, percent codes and entities decoded, repeatedly."""
    found = [text]
    for percent_decoded in (unquote, unquote_plus):
        decoded = text
        for _nesting in range(_NESTED):
            decoded = html.unescape(percent_decoded(_without_escapes(decoded)))
            found.append(decoded)
    return list(dict.fromkeys(map(_bare, found)))


def _without_escapes(text: str) -> str:
    """Return a text with the escapes of JSON, JavaScript and quoted-printable replaced by their characters."""
    return _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


def _forms(secret: str) -> Iterator[str]:
    for form in _FORMS:
        yield form(secret)
    yield from filter(None, _base64_of(secret))


def _parts(form: str) -> Iterator[str]:
    for start in range(max(len(form) - _PART, 0) + 1):
        yield form[start : start + _PART]


def _bare(text: str) -> str:
    # White space is dropped because texts get wrapped, and case because hexadecimal and percent codes come in both.
    return _SPACE.sub("", text).lower()

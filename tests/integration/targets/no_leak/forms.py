# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every form in which a text may have been written down: quoted, escaped, encoded, or in the middle of base64."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import yaml

# Shorter ones are found by chance.
_SHORTEST = 8
# A message that is cut off shows a part of a secret: so many characters of its beginning or its end are one too.
_PART = 14


def forms(secret: str) -> dict[bytes, str]:
    """Return what to search for, each with the name of its form, for a secret and for parts of it."""
    found: dict[bytes, str] = {}
    for part, text in _parts(secret):
        for name, pattern in _all(text):
            squeezed = squeeze(pattern)
            if len(squeezed) >= _SHORTEST:
                found.setdefault(squeezed, f"{name}{part}")
    return found


def squeeze(content: bytes) -> bytes:
    """Return content without blanks and line ends, so that folded and wrapped lines are found too."""
    return re.sub(rb"\\\n\s*\\?|\s+", b"", content)


def _parts(secret: str) -> Iterator[tuple[str, str]]:
    yield "", secret
    if len(secret) > _PART + 4:
        yield ", its beginning", secret[:_PART]
        yield ", its end", secret[-_PART:]
    for start in range(_PART, len(secret) - 2 * _PART, max(2 * _PART, len(secret) // 8)):
        yield ", a piece", secret[start : start + 2 * _PART]


def _all(text: str) -> Iterator[tuple[str, bytes]]:
    for name, spelled in _texts(text):
        yield name, spelled.encode("utf-8", "surrogateescape")
    yield "in latin-1", text.encode("latin-1", "replace")
    inner = {"": text, " of JSON": _json(text), " of JSON with its own characters": _json(text, False)}
    for name, spelled in inner.items():
        for encoding in ("utf-8", "utf-16-le"):
            raw = spelled.encode(encoding)
            yield f"hexadecimal{name} in {encoding}", raw.hex().encode()
            yield f"upper-case hexadecimal{name} in {encoding}", raw.hex().upper().encode()
            yield from ((f"base64{name} in {encoding}, {how}", found) for how, found in _base64(raw))


def _texts(text: str) -> Iterator[tuple[str, str]]:
    yield "plain", text
    for ascii_only in (True, False):
        once = _json(text, ascii_only)
        yield "JSON", once
        yield "JSON in JSON", _json(once, ascii_only)
        yield "repr of JSON", repr(once)[1:-1]
        yield "shell-quoted JSON", shlex.quote(f"{once} ")[1:-2]
        yield "HTML of JSON", html.escape(once)
        yield "YAML in double quotes", _yaml(text, ascii_only)
        yield "XML", html.escape(once).replace("&#x27;", "'")
    yield "repr", repr(text)[1:-1]
    yield "repr", repr(f"{text}'\"")[1:-4]
    yield "ascii", ascii(text)[1:-1]
    yield "repr of repr", repr(repr(text)[1:-1])[1:-1]
    yield "repr of bytes", repr(text.encode())[2:-1]
    yield "YAML in single quotes", text.replace("'", "''")
    yield "shell-quoted", shlex.quote(f"{text} ")[1:-2]
    yield "backslashes doubled", text.replace("\\", "\\\\")
    for kept in ("", "/", "/:@", "~!*()'/"):
        yield "URL-encoded", quote(text, safe=kept)
        yield "URL-encoded in lower case", _lower_percent(quote(text, safe=kept))
    yield "form-encoded", quote_plus(text)
    yield "form-encoded in lower case", _lower_percent(quote_plus(text))
    for escaped in (html.escape(text), html.escape(text, quote=False), html.escape(text).replace("&#x27;", "&#39;")):
        yield "HTML", escaped
        yield "HTML with numbers", escaped.encode("ascii", "xmlcharrefreplace").decode()
    yield "XML attribute", html.escape(text).replace("&#x27;", "'")
    yield (
        "XML attribute with numbers",
        (html.escape(text).replace("&#x27;", "'").encode("ascii", "xmlcharrefreplace").decode()),
    )


def _json(text: str, ascii_only: bool = True) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def _yaml(text: str, ascii_only: bool) -> str:
    return yaml.safe_dump(text, default_style='"', width=10**6, allow_unicode=not ascii_only).strip()[1:-1]


def _lower_percent(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def _base64(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what stands for these bytes wherever they begin in something longer: there are three cases."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw)
        certain = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield f"{before} off", certain
        yield f"{before} off, for URLs", certain.replace(b"+", b"-").replace(b"/", b"_")

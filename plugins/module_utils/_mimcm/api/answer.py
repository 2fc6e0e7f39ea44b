# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The answer of a successful call: its body is decoded once, and refused if it is not JSON."""

from __future__ import annotations

import codecs
import email.message
import gc
import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    InvalidAnswer,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import repeats
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call

_MEDIA_TYPE = re.compile(r"[a-z]+/[\w.+-]{1,60}")
# The charsets that servers really use, by the names that Python knows them under. Python's other codecs are not for
# text from a server: some take a time that grows with the square of the length.
_CHARSETS = {
    *("ascii", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso8859-1", "iso8859-15"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp932", "gbk", "big5"),
}


@dataclass
class Answer:
    """The answer of a successful call. Its body may be a secret, so repr() omits it."""

    status: int
    content_type: str
    _body: bytes
    _call: Call

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self._body)} bytes)"

    @property
    def empty(self) -> bool:
        """Whether the answer has no content: status 204, or no body."""
        return self.status == 204 or not self._body.strip()

    def json(self) -> Any:
        """Return the decoded body, None if it is empty, and release its bytes, so a long list is not in memory twice.

        Raises:
            InvalidAnswer: The body is not JSON; the message does not repeat it.
        """
        if self.empty:
            return None
        length = len(self._body)
        try:
            text = self._decoded()
            self._body = b""
            with _collector_paused():
                return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        except (ValueError, LookupError, RecursionError):
            raise self._not_json(length) from None

    def text(self) -> str:
        """Return the body of an answer that may be JSON or plain text.

        Raises:
            InvalidAnswer: The body is neither, such as a page of HTML.
        """
        try:
            text = self._decoded().strip()
        except (ValueError, LookupError):
            # The body may be a PIN: guessing its encoding could turn it into another one.
            raise self._not_json(len(self._body)) from None
        if "html" in self.content_type or text.startswith("<"):
            raise self._not_json(len(self._body))
        return text

    def _decoded(self) -> str:
        """Return the body as text, by an encoding of JSON, or if none fits, by the one that the answer declares."""
        try:
            return self._body.decode(json.detect_encoding(self._body), "surrogatepass")
        except UnicodeDecodeError:
            return self._body.decode(_charset(self.content_type))

    def _not_json(self, length: int) -> InvalidAnswer:
        kind = self.content_type.split(";")[0].strip()
        if not _MEDIA_TYPE.fullmatch(kind) or repeats(kind, self._call.secrets):
            kind = "no content type" if not kind else "another content type"
        return InvalidAnswer(
            f"{self._call.url} answered {self.status} with something that is not JSON ({kind}, {length} bytes)",
            remedy="check url and api_path, and whether a proxy or a sign-in page answers instead of the server",
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector while a long list is built: it would visit every element again and find nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which Python accepts although they are not JSON."""
    raise ValueError(name)


def _finite(text: str) -> float:
    """Return a number as a float, and refuse one that is too large: JSON could not express the resulting infinity."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _charset(content_type: str) -> str:
    """Return the declared charset.

    Raises:
        LookupError: It is none in which servers write text.
    """
    header = email.message.Message()
    header["Content-Type"] = content_type
    charset = codecs.lookup(str(header.get_param("charset", "utf-8"))).name
    if charset not in _CHARSETS:
        raise LookupError
    return charset

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A successful answer: its body decoded once, and refused where it is not what was announced."""

from __future__ import annotations

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


@dataclass
class Answer:
    """A successful answer. Its body may be a secret: it has no text form."""

    status: int
    content_type: str
    _body: bytes
    _call: Call

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self._body)} bytes)"

    @property
    def empty(self) -> bool:
        """Whether there is nothing to return: status 204, or no body."""
        return self.status == 204 or not self._body.strip()

    def json(self) -> Any:
        """Return the decoded body, None when it is empty, and let go of its bytes: a long list is not held twice.

        Raises:
            InvalidAnswer: It is not JSON; the message does not repeat it.
        """
        if self.empty:
            return None
        not_json = self._not_json()
        try:
            text = self._decoded()
            self._body = b""
            with _collector_paused():
                return json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        except (ValueError, LookupError, RecursionError):
            raise not_json from None

    def text(self) -> str:
        """Return the body of an answer that may be JSON or bare text.

        Raises:
            InvalidAnswer: It is neither, such as a page of HTML.
        """
        try:
            text = self._decoded().strip()
        except (ValueError, LookupError):
            # What is not understood may be a PIN: guessing would make another one of it.
            raise self._not_json() from None
        if "html" in self.content_type or text.startswith("<"):
            raise self._not_json()
        return text

    def _decoded(self) -> str:
        """Return the text, by the encodings that JSON has; where those do not fit, by the one that is declared."""
        try:
            return self._body.decode(json.detect_encoding(self._body), "surrogatepass")
        except UnicodeDecodeError:
            return self._body.decode(_charset(self.content_type))

    def _not_json(self) -> InvalidAnswer:
        kind = self.content_type.split(";")[0].strip()
        if not _MEDIA_TYPE.fullmatch(kind) or repeats(kind, self._call.secrets):
            kind = "no content type" if not kind else "another content type"
        return InvalidAnswer(
            f"{self._call.url} answered {self.status} with something that is not JSON ({kind}, "
            f"{len(self._body)} bytes)",
            remedy="check url and api_path, and whether a proxy or a sign-in page answers in the server's place",
        )


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep Python from looking for garbage while a list grows: there is none, and each look goes through it all."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _no_constant(name: str) -> NoReturn:
    """Refuse what Python takes for JSON and JSON does not know: NaN and the infinities."""
    raise ValueError(name)


def _finite(text: str) -> float:
    """Return a number that a float can hold; JSON has no infinity to write down what it cannot."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _charset(content_type: str) -> str:
    header = email.message.Message()
    header["Content-Type"] = content_type
    return str(header.get_param("charset", "utf-8"))

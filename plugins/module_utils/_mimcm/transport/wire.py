# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Responses as http.client reads them, with what it and its callers leave unbounded or cannot read. No sockets."""

from __future__ import annotations

import http.client
import http.cookiejar
import io
import random
import re
from email.message import Message
from typing import Any

# What a value of JSON takes once it is decoded, in bytes, by the character that announces it.
_DECODED = {b"{": 240, b"[": 72, b",": 64, b":": 16}
# The same for a property's name that is not the name of other properties too, with what is made of it later.
_NAME = 300
_A_NAME = re.compile(rb'"([^"]{0,100})"\s{0,9}:')
# How many samples of how many bytes show what a long answer is made of; they are taken anywhere in it.
_SAMPLES, _SAMPLE = 16, 65536
_LONG = _SAMPLES * _SAMPLE
# The first bytes of characters in UTF-8 that make Python take two or four bytes for each character of a text.
_WIDEST = 4
_WIDE = ((re.compile(rb"[\xf0-\xf4]"), _WIDEST), (re.compile(rb"[\xc4-\xef]"), 2))
# The encodings that are unpacked piece by piece, so a small piece cannot become a large one.
_PACKED = {"gzip", "x-gzip", "deflate"}
_NOT_ASKED_FOR = {"br", "zstd", "compress"}
# The longest line of a response, as http.client has it for those that it reads itself.
_LINE = 65536
_SWITCHING_PROTOCOLS = 101


class Response(http.client.HTTPResponse):
    """A response that skips interim ones, and whose parts have bounds."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = _Bounded(self.fp.detach())

    def _read_status(self) -> tuple[str, int, str]:
        """Read a status line; http.client itself skips only 100 (Continue), and takes others for the response."""
        found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]
        while 100 <= found[1] < 200 and found[1] != _SWITCHING_PROTOCOLS:
            http.client.parse_headers(self.fp)
            found = super()._read_status()  # type: ignore[misc]
        return found


class _Bounded(io.BufferedReader):
    """What a connection receives. urllib3 before release 2.8 reads the lines of a chunked body without a bound."""

    def readline(self, size: int | None = -1, /) -> bytes:
        most = _LINE + 1 if size is None or size < 0 else size
        line = super().readline(most)
        # Who asks for at most so much expects a whole line all the same.
        if len(line) == most and not line.endswith(b"\n"):
            raise http.client.LineTooLong("chunk")
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            # Nobody here reads to the end at once; -1 is the size of a chunk that a server made up.
            raise http.client.LineTooLong("body")
        return super().read(size)


def decoded_size(body: bytes | bytearray) -> int:
    """Estimate how many bytes of memory an answer takes while it is decoded: its text, and the values in it.

    A few bytes of JSON, such as C([],), can become many times as many. Counting is quick, and errs on the large side.
    """
    width = 1 if body.isascii() else next((times for pattern, times in _WIDE if pattern.search(body)), 1)
    values = sum(body.count(mark) * size for mark, size in _DECODED.items())
    starts = [random.randrange(len(body) - _SAMPLE) for _turn in range(_SAMPLES)] if len(body) > _LONG else []
    samples = [body[start : start + _SAMPLE] for start in starts]
    texts = len(body) * (width + _WIDEST * _share_of_long_texts(samples))
    return round(texts + values + body.count(b":") * _share_of_names(samples) * _NAME)


def _share_of_long_texts(samples: list[bytes | bytearray]) -> float:
    """Estimate which share of an answer is texts that are so long that one wide character makes each wide."""
    return sum(b'"' not in sample for sample in samples) / len(samples) if samples else 0.0


def _share_of_names(samples: list[bytes | bytearray]) -> float:
    """Estimate which share of an answer's properties has a name of its own; of those in a list, hardly any have."""
    names = [name for sample in samples for name in _A_NAME.findall(sample)]
    return len(set(names)) / len(names) if names else 0.0


def can_be_unpacked(encodings: str) -> bool:
    """Return whether a Content-Encoding is one that was asked for, and only once: two multiply what they unpack to."""
    named = [name.strip().lower() for name in encodings.split(",")]
    return sum(name in _PACKED for name in named) <= 1 and not any(name in _NOT_ASKED_FOR for name in named)


def drop_unreadable_cookies(headers: Message) -> None:
    """Remove the cookies that http.cookiejar fails at, for which it would print a traceback.

    Args:
        headers: The headers of a response.
    """
    cookies = headers.get_all("Set-Cookie", [])
    readable = [cookie for cookie in cookies if _is_readable(cookie)]
    if len(readable) < len(cookies):
        del headers["Set-Cookie"]
        for cookie in readable:
            headers["Set-Cookie"] = cookie


def _is_readable(cookie: str) -> bool:
    try:
        for attributes in http.cookiejar.parse_ns_headers([cookie]):  # type: ignore[attr-defined]
            # A cookie jar computes the time at which a cookie expires as a float.
            _ages = [float(int(value or 0)) for name, value in attributes[1:] if name == "max-age"]
    except Exception:
        # Its parser raises many kinds for odd dates and numbers.
        return False
    return True

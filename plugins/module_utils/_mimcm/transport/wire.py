# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Responses as http.client reads them, with what it and its callers leave unbounded or cannot read. No sockets."""

from __future__ import annotations

import http.client
import http.cookiejar
import io
from email.message import Message
from typing import Any

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

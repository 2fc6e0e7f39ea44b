# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What http.client and urllib3 read badly: interim responses, odd cookies, endless lines; over real connections."""

from __future__ import annotations

import http.client
import io
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import wire

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EMPTY_LIST = OK + b"Content-Length: 2\r\n\r\n[]"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.fixture
def raw() -> Iterator[Any]:
    """A server that answers every call on a connection with the same bytes, and a piece again and again after them."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(answer: bytes, endless: bytes) -> None:
            with suppress(OSError):
                while True:
                    connection, _peer = listener.accept()
                    with connection, suppress(OSError):
                        while connection.recv(65536):
                            connection.sendall(answer)
                            while endless:
                                connection.sendall(endless)

        def start(answer: bytes, endless: bytes = b"") -> str:
            threading.Thread(target=serve, args=(answer, endless), daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield start
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    "interim",
    [HINTS, PROCESSING, CONTINUE, HINTS + PROCESSING + CONTINUE + HINTS, b"HTTP/1.1 199 \r\n\r\n"],
    ids=["103", "102", "100", "several", "199"],
)
def test_interim_responses_are_skipped(scripted: Any, raw: Any, interim: bytes) -> None:
    client = scripted.client(url=raw(interim + EMPTY_LIST))
    assert [client.list_requests() for _turn in range(3)] == [[], [], []]


def test_interim_responses_without_an_end(scripted: Any, raw: Any) -> None:
    with pytest.raises(errors.ConnectionFailed, match="no answer within"):
        scripted.client(url=raw(b"", HINTS * 100), timeout=0.6).list_requests()


@pytest.mark.parametrize(
    "odd",
    [
        "a=1; Max-Age=" + "9" * 400,
        "a=1; max-age = " + "9" * 5000,
        "a=1; Expires=Mon, 01 Jan 99999999999 00:00:00 GMT",
        "a=1; Version=" + "9" * 400,
        "=; ;; Max-Age",
        "a=1; Port=x; Max-Age=-" + "9" * 400,
    ],
    ids=["max-age", "max-age of more digits", "expires", "version", "nothing", "negative"],
)
def test_an_odd_cookie_is_ignored_and_others_are_kept(scripted: Any, raw: Any, odd: str) -> None:
    cookies = f"Set-Cookie: {odd}\r\nSet-Cookie: session=abc; path=/\r\n".encode()
    url = raw(EMPTY_LIST.replace(b"Content-Length", cookies + b"Content-Length"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client = scripted.client(url=url)
        assert client.list_requests() == client.list_requests() == []
    (session,) = client._transport._sessions
    assert session._session.cookies["session"] == "abc"


PROGRAM = """
import resource, sys
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.tests.unit import helpers
class Server: origin = sys.argv[1]
client = helpers.client(Server, timeout=20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    client.list_requests()
except errors.MimcmError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
ENDLESS = {
    "the size of a chunk": (CHUNKED, b"0" * 65536),
    "an extension of a chunk": (CHUNKED + b"1;", b"x" * 65536),
    "a trailer": (CHUNKED + b"0\r\nX: ", b"x" * 65536),
    "a chunk of a size below zero": (CHUNKED + b"-1\r\n", b"x" * 65536),
    "the status": (b"HTTP/1.1 200 ", b"x" * 65536),
    "a header": (b"HTTP/1.1 200 OK\r\nX: ", b"x" * 65536),
}


def python(program: str, *arguments: str) -> list[str]:
    """Run a program with what is importable here, and return the lines that it prints."""
    paths = [path for path in sys.path if path]
    run = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{program}", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stderr == ""
    return run.stdout.splitlines()


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_line_without_an_end_takes_no_memory(raw: Any, kind: str) -> None:
    """Seen from outside, in a process of its own; without a bound it grows until the time is up."""
    message, mebibytes = python(PROGRAM, raw(*ENDLESS[kind]))
    assert "its answer is not valid HTTP" in message
    assert int(mebibytes) < 60


def test_what_is_read_is_bounded_and_otherwise_the_same() -> None:
    stream = wire._Bounded(io.BytesIO(b"one\ntwo\n" + b"x" * 300_000))  # type: ignore[arg-type]
    assert [stream.readline(), stream.readline(9), stream.read(2)] == [b"one\n", b"two\n", b"xx"]
    for size in (-1, None, 9):
        with pytest.raises(http.client.LineTooLong):
            stream.readline(size)
    for size in (-1, None, -7):
        with pytest.raises(http.client.LineTooLong):
            stream.read(size)

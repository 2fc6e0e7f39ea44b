# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What http.client and urllib3 read badly: interim responses, odd cookies, endless lines; over real connections."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import socket
import subprocess
import sys
import threading
import uuid
import warnings
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
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
import sys
from pathlib import Path
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.tests.unit import helpers
class Server: origin = sys.argv[1]
client = helpers.client(Server, timeout=20)
def peak():
    # In KiB. The figure of getrusage() begins with that of the process that started this one.
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
before = peak()
try:
    client.list_requests()
except errors.MimcmError as error:
    print(error)
print((peak() - before) // 1024)
"""
REQUEST: dict[str, Any] = {
    **dict.fromkeys(("Uuid", "OriginatorUserUuid", "TargetUserUuid", "NewProfileUuid"), str(uuid.UUID(int=1))),
    **dict.fromkeys(("OldProfileUuid", "NewSmartcardUuid", "OldSmartcardUuid"), str(uuid.UUID(int=0))),
    **dict.fromkeys(("RequestType", "Status", "Flags", "Priority", "DataCollectionFlags"), 32),
    **dict.fromkeys(("IsSmartcard", "IsEnrollmentAgent", "IsDataCollectionComplete"), False),
    **dict.fromkeys(("Submitted", "Completed"), "2026-11-26T02:54:29.062Z"),
    "ProfileTemplateUuid": str(uuid.UUID(int=2)),
    "SecurityDescriptor": "O:S-1-5-21-2127521184-1604012920-1887927527-14134865D:(A;;RC;;;WD)\0\0",
    "DataCollection": [],
    "Comment": "",
}
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


COSTLY = {
    "lists": b"[],",
    "mappings": b"{},",
    "mappings with a value": b'{"":0},',
    "both": b"[[],{}],",
    "short texts": b'"ab",',
    "numbers": b"1e9,",
    "names": b"",
}


def names(size: int) -> bytes:
    """A mapping with as many names as there is room for."""
    return b"{" + b",".join(b'"%06x":0' % number for number in range(size // 11)) + b"},"


@pytest.mark.parametrize("kind", COSTLY)
def test_what_takes_memory_when_it_is_decoded_is_refused(raw: Any, kind: str) -> None:
    """Seen from outside, with the default limit; 60 MiB of each take 0.6 to 2 GiB when they are decoded."""
    made = COSTLY[kind]
    body = b"[" + (made * (60 * 2**20 // len(made)) if made else names(60 * 2**20)) + b"0]"
    message, mebibytes = python(PROGRAM, raw(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body))
    assert "would take more memory than 4 times max_response_bytes" in message
    # The body as it came, and the room that a growing array keeps.
    assert int(mebibytes) < 100


@pytest.mark.parametrize("comment", ["", "Gr\xfc\xdfe", "\u017bywiec", "\U0001f600"], ids=ascii)
def test_lists_of_requests_are_not(comment: str) -> None:
    """A hundred thousand of them are allowed by default, whatever is in them."""
    one = {**REQUEST, "Comment": comment, "DataCollection": [{"Name": "Reason", "Value": "a new card"}]}
    for ensure_ascii in (True, False):
        body = json.dumps([one] * 1000, ensure_ascii=ensure_ascii, separators=(",", ":")).encode()
        assert 100 * wire.decoded_size(body) < 4 * COMMON_SPEC["max_response_bytes"]["default"]
        assert 100 * len(body) < COMMON_SPEC["max_response_bytes"]["default"]


@pytest.mark.parametrize("wide", ["\U0001f600", "\\ud83d\\ude00", "\u017b"], ids=ascii)
def test_a_long_text_with_one_wide_character_counts_as_wide(wide: str) -> None:
    """Python takes as many bytes for each character as for the widest."""
    long = json.dumps(["x" * 2**21 + "y"]).encode().replace(b"y", wide.encode())
    assert wire.decoded_size(long) >= sys.getsizeof(long.decode()) + sys.getsizeof(json.loads(long)[0]) - 1000


def test_a_small_answer_is_allowed_to_be_dense(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(b"[" + b"[]," * 100 + b"[]]"))
    with pytest.raises(errors.InvalidAnswer) as caught:
        scripted.client(max_response_bytes=1000).list_requests()
    assert "max_response_bytes" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "gzip, br"])
def test_what_was_not_asked_for_is_not_unpacked(scripted: Any, reply: Any, encoding: str) -> None:
    bomb = gzip.compress(gzip.compress(bytes(2**24)))
    scripted.answer(reply(bomb, headers={"Content-Encoding": encoding}))
    with pytest.raises(errors.InvalidAnswer, match="cannot be unpacked"):
        scripted.client().list_requests()


@pytest.mark.parametrize("encoding", ["", "identity", "utf-8", "GZIP"])
def test_what_is_harmless_is_understood(scripted: Any, reply: Any, encoding: str) -> None:
    body = gzip.compress(b"[]") if encoding == "GZIP" else b"[]"
    scripted.answer(reply(body, headers={"Content-Encoding": encoding}))
    assert scripted.client().list_requests() == []


def test_what_is_read_is_bounded_and_otherwise_the_same() -> None:
    stream = wire._Bounded(io.BytesIO(b"one\ntwo\n" + b"x" * 300_000))  # type: ignore[arg-type]
    assert [stream.readline(), stream.readline(9), stream.read(2)] == [b"one\n", b"two\n", b"xx"]
    for size in (-1, None, 9):
        with pytest.raises(http.client.LineTooLong):
            stream.readline(size)
    for size in (-1, None, -7):
        with pytest.raises(http.client.LineTooLong):
            stream.read(size)

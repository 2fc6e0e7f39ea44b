# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long and how large an answer may be, and what breaks off."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def dripping() -> Iterator[Any]:
    """A server that sends a text slowly: call it with the text, and what comes at once before it; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stop = threading.Event()

        def serve(at_once: bytes, slowly: bytes) -> None:
            while not stop.is_set():
                try:
                    connection, _peer = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65536)
                    try:
                        connection.sendall(at_once)
                        for byte in slowly:
                            if stop.wait(0.2):
                                return
                            connection.sendall(bytes([byte]))
                    except OSError:
                        continue

        def start(at_once: bytes, slowly: bytes) -> str:
            threading.Thread(target=serve, args=(at_once, slowly), daemon=True).start()
            return f"http://127.0.0.1:{listener.getsockname()[1]}"

        yield start
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        (b"", HEAD + b"X-Slow: " + b"x" * 450),
        (HEAD, b"X-Slow: " + b"x" * 500),
        (HEAD + b"Content-Length: 900\r\n\r\n", b"[" + b" " * 899),
    ],
    ids=["status", "headers", "body"],
)
def test_an_answer_that_comes_byte_by_byte_ends_with_the_timeout(
    scripted: Any, dripping: Any, at_once: bytes, slowly: bytes
) -> None:
    """On a real clock, because that is what it is about; without the limit it goes on for two minutes, and then breaks
    off or is complete, neither of which is what the message says."""
    with pytest.raises(errors.ConnectionFailed, match=r"no answer within 0\.6 s"):
        scripted.client(url=dripping(at_once, slowly), timeout=0.6).list_requests()


@pytest.mark.parametrize("cut", [b"HTTP/1.1 200 OK\r\n", HEAD, HEAD[:-7]], ids=["status", "header", "half a header"])
def test_what_breaks_off_among_its_headers_is_no_empty_list(scripted: Any, dripping: Any, cut: bytes) -> None:
    with pytest.raises(errors.ConnectionFailed, match="broke off before the answer was complete"):
        scripted.client(url=dripping(cut, b"")).list_requests()


def test_a_large_answer_ends_the_task(scripted: Any, reply: Any) -> None:
    scripted.answer(reply([{"Uuid": ID, "Comment": "x" * 5000}]))
    with pytest.raises(errors.InvalidAnswer, match=r"larger than max_response_bytes \(4000\)"):
        scripted.client(max_response_bytes=4000).list_requests()
    assert scripted.client(max_response_bytes=9000).list_requests()


def test_an_answer_is_measured_unpacked(scripted: Any, reply: Any) -> None:
    bomb = gzip.compress(b"[" + b" " * 100_000_000 + b"]", 1)
    scripted.answer(reply(bomb, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(errors.InvalidAnswer, match="larger than max_response_bytes"):
        scripted.client(max_response_bytes=1_000_000).list_requests()


def test_what_cannot_be_unpacked_is_said_to_be_so(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(b"no gzip at all", headers={"Content-Encoding": "gzip"}))
    with pytest.raises(errors.InvalidAnswer, match="cannot be unpacked"):
        scripted.client().list_requests()


def test_a_packed_answer_is_understood(scripted: Any, reply: Any) -> None:
    body = json.dumps([{"Uuid": ID}]).encode()
    for encoding, packed in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body))):
        scripted.answer(reply(packed, headers={"Content-Encoding": encoding}))
        assert scripted.client().list_requests()[0]["uuid"] == ID


@pytest.mark.parametrize("given", [{"reset": True}, {"missing_bytes": 50}], ids=["reset", "cut off"])
def test_what_breaks_off_in_the_middle_is_read_again(scripted: Any, reply: Any, given: dict[str, Any]) -> None:
    scripted.answer(reply([], **given), reply([{"Uuid": ID}]))
    assert scripted.client(retries=1).list_requests()
    assert len(scripted.calls) == 2

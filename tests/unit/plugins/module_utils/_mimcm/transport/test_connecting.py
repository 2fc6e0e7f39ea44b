# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One limit for all addresses of a host, on a real clock, because that is what it is about."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import connecting
from ansible_collections.certops.mimcm.tests.unit.socks_proxy import socks_proxy

SILENT = [f"127.0.0.{number}" for number in range(11, 17)]
LIMIT = 0.9
# Six addresses take six times the limit where it holds for each, and less than twice where it holds for all.
TOO_LONG = 2 * LIMIT
Resolve = Callable[..., None]


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port at which the silent addresses do not even refuse: their queues are full."""
    with ExitStack() as stack:
        port = 0
        for address in SILENT:
            listener = stack.enter_context(socket.socket())
            listener.bind((address, port))
            listener.listen(0)
            port = listener.getsockname()[1]
            for _filler in range(3):
                filler = stack.enter_context(socket.socket())
                filler.setblocking(False)
                filler.connect_ex((address, port))
        yield port


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Resolve:
    """Has every name stand for some addresses."""
    usual = socket.getaddrinfo

    def having(*addresses: str) -> None:
        def found(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
            return [entry for address in addresses for entry in usual(address, port, *args, **kwargs)]

        monkeypatch.setattr(socket, "getaddrinfo", found)

    return having


@pytest.mark.parametrize("proxy", [None, "http", "socks5h"])
def test_six_addresses_that_do_not_answer(
    scripted: Any, silent_port: int, resolve: Resolve, monkeypatch: pytest.MonkeyPatch, proxy: str | None
) -> None:
    if proxy:
        pytest.importorskip("socks")
        # PySocks looks the proxy's name up where no test can have a say.
        host = "proxy.test" if proxy == "http" else SILENT[0]
        monkeypatch.setenv("ALL_PROXY", f"{proxy}://{host}:{silent_port}")
        monkeypatch.setenv("NO_PROXY", "")
    resolve(*SILENT)
    said = r"proxy for .* no answer within 0\.9 s" if proxy else r"no answer within 0\.9 s"
    start = time.monotonic()
    with pytest.raises(errors.ConnectionFailed, match=said) as caught:
        scripted.client(url=f"http://cm.test:{silent_port}", timeout=LIMIT).list_requests()
    assert time.monotonic() - start < TOO_LONG
    assert proxy or not caught.value.sent


def test_one_that_answers_gets_its_share(scripted: Any, silent_port: int, resolve: Resolve) -> None:
    with socket.create_server(("127.0.0.21", silent_port)) as answers:
        resolve(*SILENT, "127.0.0.21")
        with connecting.connected("cm.test", silent_port, time.monotonic() + LIMIT) as sock:
            assert sock.getpeername() == answers.getsockname()
            assert 0 < (sock.gettimeout() or 0) < LIMIT


def test_one_that_refuses_leaves_its_share_to_the_others(scripted: Any, resolve: Resolve) -> None:
    resolve("127.0.0.22", "127.0.0.23", "127.0.0.1")
    assert scripted.client(url=f"http://cm.test:{scripted.port}").list_requests() == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_server_that_does_not_answer(scripted: Any, monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answered.wait(60))
    start = time.monotonic()
    with pytest.raises(errors.ConnectionFailed, match=r"no answer within 0\.9 s"):
        scripted.client(url=f"{scheme}://cm.test", timeout=LIMIT).list_requests()
    assert time.monotonic() - start < TOO_LONG
    answered.set()


def test_a_socks_proxy_that_is_silent(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("NO_PROXY", "")
        start = time.monotonic()
        with pytest.raises(errors.ConnectionFailed, match=r"proxy for .* no answer within 0\.9 s"):
            scripted.client(timeout=LIMIT).list_requests()
        assert time.monotonic() - start < TOO_LONG


def test_an_answer_that_does_not_come_through_a_socks_proxy(
    scripted: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("socks")
    scripted.answer(reply([], held=True))
    with socks_proxy() as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{proxy.address}")
        monkeypatch.setenv("NO_PROXY", "")
        with pytest.raises(errors.ConnectionFailed, match=r"^Could not reach .* no answer within 0\.9 s"):
            scripted.client(timeout=LIMIT).list_requests()


def test_what_comes_too_late_is_discarded() -> None:
    begun, finished, discarded = threading.Event(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        finished.wait(60)
        return "late"

    def discard(late: str) -> None:
        assert late == "late"
        discarded.set()

    with pytest.raises(TimeoutError):
        connecting.within(0.01, slow, discard)
    assert begun.wait(60)
    finished.set()
    assert discarded.wait(60)


def test_what_comes_in_time() -> None:
    assert connecting.within(60, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        connecting.within(60, lambda: 1 // 0)

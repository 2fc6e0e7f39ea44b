# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls through a SOCKS proxy, over real connections, and proxies whose addresses make no sense."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.tests.unit import helpers
from ansible_collections.certops.mimcm.tests.unit.socks_proxy import SocksProxy, socks_proxy

PASSWORD = "pr0xy-pr0xy"


@pytest.fixture
def proxy(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[SocksProxy]:
    pytest.importorskip("socks")
    with ExitStack() as stack:
        started = stack.enter_context(socks_proxy())
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{started.address}")
        monkeypatch.setenv("NO_PROXY", "")
        yield started


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize("variable", ["ALL_PROXY", "all_proxy", "http_proxy"])
def test_a_call(scripted: Any, proxy: SocksProxy, scheme: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALL_PROXY")
    monkeypatch.setenv(variable, f"{scheme}://{proxy.address}")
    client = scripted.client(url=f"http://127.0.0.1:{scripted.port}")
    assert [client.list_requests() for _turn in range(3)] == [[], [], []]
    assert proxy.asked == [("127.0.0.1", scripted.port)], "one connection serves many calls"


def test_the_proxy_looks_up_the_name(scripted: Any, proxy: SocksProxy) -> None:
    assert scripted.client(url=f"http://cm.invalid:{scripted.port}").list_requests() == []
    assert proxy.asked == [("cm.invalid", scripted.port)]


def test_over_tls(scripted_tls: Any, authority: Any, proxy: SocksProxy) -> None:
    assert scripted_tls.client(ca_path=authority[1]).list_requests() == []
    assert proxy.asked == [("localhost", scripted_tls.port)]
    with pytest.raises(errors.CertificateRejected):
        scripted_tls.client().list_requests()


def test_it_can_be_left_out(scripted: Any, proxy: SocksProxy) -> None:
    assert scripted.client(use_proxy=False).list_requests() == []
    assert proxy.asked == []


def test_a_login_at_the_proxy(scripted: Any, proxy: SocksProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy.login = ("alice", PASSWORD)
    monkeypatch.setenv("ALL_PROXY", f"socks5h://alice:{PASSWORD}@{proxy.address}")
    assert scripted.client().list_requests() == []
    monkeypatch.setenv("ALL_PROXY", f"socks5h://alice:{PASSWORD}x@{proxy.address}")
    with pytest.raises(errors.ConnectionFailed, match="does not accept the user name and the password") as caught:
        scripted.client().list_requests()
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_a_login_that_is_missing(scripted: Any, proxy: SocksProxy) -> None:
    proxy.login = ("alice", PASSWORD)
    with pytest.raises(errors.ConnectionFailed, match=r"proxy for .* does not accept the user name and the password"):
        scripted.client().list_requests()


@pytest.mark.parametrize(("code", "said"), [(2, "its rules"), (4, "cannot be reached"), (5, "refuses"), (9, "0x09")])
def test_what_the_proxy_answers(scripted: Any, proxy: SocksProxy, code: int, said: str) -> None:
    proxy.refusal = code
    with pytest.raises(errors.ConnectionFailed, match=f"The proxy for .* could not be used .*answered .*{said}"):
        scripted.client().list_requests()
    assert scripted.calls == []


def test_no_proxy_there(scripted: Any, proxy: SocksProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"socks5h://alice:{PASSWORD}@127.0.0.1:1")
    with pytest.raises(errors.ConnectionFailed, match=r"The proxy for .*: connection refused") as caught:
        scripted.client().list_requests()
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


def test_a_proxy_of_another_kind(scripted: Any, proxy: SocksProxy) -> None:
    proxy.nonsense = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with pytest.raises(errors.ConnectionFailed, match=r"The proxy for .* does not answer as a SOCKS proxy does"):
        scripted.client().list_requests()


def test_a_name_that_this_side_cannot_look_up(
    scripted: Any, proxy: SocksProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"socks5://{proxy.address}")
    with pytest.raises(errors.HostUnknown, match="does not resolve"):
        scripted.client(url="http://cm.invalid").list_requests()


@pytest.mark.parametrize(
    "address", ["socks6://127.0.0.1:1", "gopher://127.0.0.1:1", "http://", "socks5h://"], ids=lambda text: text[:6]
)
def test_an_address_that_makes_no_sense(scripted: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    monkeypatch.setenv("ALL_PROXY", address.replace("//", f"//alice:{PASSWORD}@"))
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(errors.ConnectionFailed, match=r"The proxy for .* not valid; check the proxy var") as caught:
        scripted.client().list_requests()
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


PROGRAM = """
import sys
sys.modules["socks"] = None
from ansible_collections.certops.mimcm.tests.unit import helpers
from ansible_collections.certops.mimcm.plugins.modules import mimcm_request_info
class Server: origin = "http://127.0.0.1:1"
print(helpers.run(mimcm_request_info, Server)["msg"])
"""


def test_the_missing_library_is_named() -> None:
    """In a process of its own, because requests looks for it when it is imported."""
    paths = os.pathsep.join([str(helpers.ROOT.parents[2]), *filter(None, sys.path)])
    environment = {**os.environ, "PYTHONPATH": paths, "ALL_PROXY": f"socks5h://a:{PASSWORD}@127.0.0.1:1"}
    environment["NO_PROXY"] = environment["no_proxy"] = ""
    run = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert "Python library PySocks is missing on " in run.stdout, run.stderr
    assert f"{sys.executable} -m pip install 'requests[socks]'" in run.stdout
    assert PASSWORD not in run.stdout + run.stderr

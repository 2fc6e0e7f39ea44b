# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session: retries, connections, cookies, TLS, proxies, secrets; over real connections."""

from __future__ import annotations

import time
import traceback
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors, options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.calls import Transport
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import choose
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Operation

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
SECRET = "5ecret%2F+=~5ecret"


def busy(reply: Any, after: str | None = "0", status: int = 503) -> Any:
    return reply(b"", status=status, headers={} if after is None else {"Retry-After": after})


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(scripted: Any, reply: Any, status: int) -> None:
    scripted.answer(busy(reply, status=status), busy(reply, status=status), reply([{"Uuid": ID}]))
    assert scripted.client(retries=2).list_requests()
    assert len(scripted.calls) == 3


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How many seconds each pause would have taken; nobody sleeps."""
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    return pauses


@pytest.mark.parametrize(("after", "pause"), [("1", 1), ("86400", 30)], ids=["short", "too long"])
def test_retry_after_is_waited_for_within_reason(
    scripted: Any, reply: Any, slept: list[float], after: str, pause: float
) -> None:
    scripted.answer(busy(reply, after=after), reply([]))
    scripted.client(retries=1).list_requests()
    assert slept == [pause]


def test_retries_end(scripted: Any, reply: Any) -> None:
    scripted.answer(busy(reply))
    with pytest.raises(errors.ServerUnavailable):
        scripted.client(retries=2).list_requests()
    assert len(scripted.calls) == 3


def test_resets_are_retried_and_counted(scripted: Any, reply: Any) -> None:
    """The count is documented as the number of HTTP requests that were sent."""
    scripted.answer(reply(reset=True), reply(reset=True), reply([]))
    client = scripted.client(retries=3)
    client.list_requests()
    assert len(scripted.calls) == 3
    assert client.http_calls == len(scripted.calls)


@pytest.mark.parametrize("given", [{"reset": True}, {"body": b"", "status": 503, "headers": {"Retry-After": "0"}}])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_writes_is_sent_once(scripted: Any, reply: Any, given: dict[str, Any], method: str) -> None:
    params = scripted.params(retries=4)
    transport = Transport(options.connection(params), choose.credentials(options.login(params)))
    scripted.answer(reply(**given))
    with pytest.raises((errors.ConnectionFailed, errors.ServerUnavailable)):
        transport.call(Operation(method, "/requests", "creating a request", "nothing"))
    assert len(scripted.calls) == 1


def test_a_limit_ends_retries_and_is_lifted_after_an_error(scripted: Any, reply: Any) -> None:
    scripted.answer(busy(reply))
    client = scripted.client(retries=1)
    with pytest.raises(errors.ServerUnavailable), client.limited_to(9):
        client.list_requests()
    assert len(scripted.calls) == 1
    with pytest.raises(errors.ServerUnavailable):
        client.list_requests()
    assert len(scripted.calls) == 3


def test_a_limit_shortens_and_never_lengthens(scripted: Any, reply: Any) -> None:
    """The message names the limit that held, so that nobody has to measure; the shortest one there is is a second."""
    scripted.answer(reply([], held=True))
    for timeout, seconds, said in ((0.3, 60, r"0\.3 s"), (60, 0.1, r"(1|0\.\d+) s")):
        client = scripted.client(timeout=timeout)
        with client.limited_to(seconds), pytest.raises(errors.ConnectionFailed, match=f"no answer within {said}"):
            client.list_requests()


def test_one_connection_and_its_cookie_serve_many_calls(scripted: Any, reply: Any) -> None:
    scripted.answer(reply([], headers={"Set-Cookie": "ASP.NET_SessionId=abc; path=/; HttpOnly"}))
    client = scripted.client()
    for _turn in range(4):
        client.list_requests()
    assert scripted.connections == 1
    assert [call.headers.get("Cookie") for call in scripted.calls] == [None] + ["ASP.NET_SessionId=abc"] * 3


def test_query_parameters_are_encoded(scripted: Any, reply: Any) -> None:
    scripted.answer(reply("0042"))
    scripted.client().get_server_proposed_pin(ID, atr="3b 8d", card_id=ID, challenge="z6p+/Yu9JQA=")
    assert scripted.calls[-1].query == {"atr": ["3b 8d"], "cardid": [ID], "challenge": ["z6p+/Yu9JQA="]}
    scripted.answer(reply([]))
    scripted.client().list_requests("Pending", "current")
    assert scripted.calls[-1].query == {"status": ["Pending"], "targetuser": ["current"]}
    scripted.client().list_requests()
    assert "?" not in scripted.calls[-1].target


def test_pin_under_a_request_falls_back(scripted: Any, reply: Any) -> None:
    scripted.script = lambda call: reply(b"", status=404) if "/requests/" in call.path else reply("0042")
    assert scripted.client().get_server_proposed_pin(ID, request_id=ID) == "0042"
    assert len(scripted.calls) == 2


def test_a_refused_token_is_not_tried_again_and_never_told(scripted: Any, reply: Any) -> None:
    scripted.answer(reply({"Message": SECRET}, status=401, headers={"WWW-Authenticate": 'Bearer realm="x, NTLM y"'}))
    client = scripted.client(auth_method="token", token=SECRET, allow_http_credentials=True, retries=3)
    for _turn in range(3):
        with pytest.raises(
            errors.AuthenticationFailed, match=r"refused auth_method token .*offers Bearer; check"
        ) as caught:
            client.get_server_proposed_pin(ID)
        assert SECRET not in "".join(traceback.format_exception(caught.value)) + repr(caught.value.details)
    assert [call.headers["Authorization"] for call in scripted.calls] == [f"Bearer {SECRET}"]


def test_netrc_is_no_way_in(scripted: Any, reply: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text(f"machine localhost login alice password {SECRET}\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    scripted.client().list_requests()
    assert scripted.calls[0].headers.get("Authorization") is None


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "cm..example", ".example"])
def test_a_host_that_cannot_exist_is_a_sentence(scripted: Any, host: str) -> None:
    with pytest.raises(errors.MimcmError, match="url"):
        scripted.client(url=f"http://{host}").list_requests()


@pytest.mark.parametrize("timeout", [float("inf"), float("nan"), 1e20])
def test_an_endless_timeout_is_a_sentence_or_works(scripted: Any, timeout: float) -> None:
    try:
        scripted.client(timeout=timeout).list_requests()
    except errors.UsageError as error:
        assert "timeout" in str(error)  # noqa: PT017


def test_proxy_of_the_environment_is_used_or_not(scripted: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", scripted.origin)
    monkeypatch.setenv("http_proxy", scripted.origin)
    scripted.client(url="http://cm.invalid").list_requests()
    assert scripted.calls[0].target.startswith("http://cm.invalid/CertificateManagement/")
    with pytest.raises(errors.HostUnknown):
        scripted.client(url="http://cm.invalid", use_proxy=False).list_requests()
    assert len(scripted.calls) == 1


@pytest.mark.parametrize(
    "proxy", ["http://alice:5ecret%2F+=~5ecret@127.0.0.1:1", "http://alice:5ecret%2F+=~5ecret@proxy.invalid:3128"]
)
def test_a_proxy_that_cannot_be_reached_is_blamed_and_its_password_kept(
    scripted: Any, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(errors.ConnectionFailed, match="proxy") as caught:
        scripted.client(url="https://cm.contoso.com").list_requests()
    assert "5ecret" not in "".join(traceback.format_exception(caught.value))


def test_a_proxy_that_wants_a_login_is_quoted(scripted: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted.answer(reply(b"", status=407))
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{scripted.port}")
    with pytest.raises(errors.ConnectionFailed, match=r"proxy .*407"):
        scripted.client(url="https://cm.contoso.com").list_requests()


def test_ca_path_beats_the_environment(scripted_tls: Any, authority: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import certifi

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    assert scripted_tls.client(ca_path=authority[1]).list_requests() == []
    with pytest.raises(errors.CertificateRejected, match="set ca_path"):
        scripted_tls.client().list_requests()
    assert len(scripted_tls.calls) == 1


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("use_proxy", [True, False])
def test_ca_of_the_environment(
    scripted_tls: Any, authority: Any, monkeypatch: pytest.MonkeyPatch, variable: str, use_proxy: bool
) -> None:
    monkeypatch.setenv(variable, authority[1])
    assert scripted_tls.client(use_proxy=use_proxy).list_requests() == []


def test_validate_certs_beats_the_environment(scripted_tls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import certifi

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    assert scripted_tls.client(validate_certs=False).list_requests() == []


def test_a_certificate_for_another_name(scripted_tls: Any, authority: Any) -> None:
    url = scripted_tls.origin.replace("localhost", "127.0.0.1")
    with pytest.raises(errors.CertificateRejected, match="check that the url's host name is in it"):
        scripted_tls.client(url=url, ca_path=authority[1]).list_requests()


def test_a_certificate_is_not_tried_again(scripted_tls: Any, slept: list[float]) -> None:
    with pytest.raises(errors.CertificateRejected):
        scripted_tls.client(retries=4).list_requests()
    assert slept == []


@pytest.mark.parametrize("option", ["ca_path", "client_cert"])
def test_a_file_that_is_no_pem_is_blamed(scripted_tls: Any, authority: Any, tmp_path: Path, option: str) -> None:
    (tmp_path / "x.pem").write_text("not PEM")
    given = {"ca_path": authority[1], option: str(tmp_path / "x.pem")}
    with pytest.raises(errors.MimcmError, match=option):
        scripted_tls.client(**given).list_requests()


def test_a_bundle_of_the_environment_that_is_not_there_is_blamed(
    scripted_tls: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/bundle.pem")
    with pytest.raises(errors.MimcmError, match=r"REQUESTS_CA_BUNDLE|/nonexistent/bundle.pem"):
        scripted_tls.client().list_requests()


def test_https_to_a_port_that_speaks_http(scripted: Any) -> None:
    with pytest.raises(errors.ConnectionFailed, match="the TLS handshake failed"):
        scripted.client(url=scripted.origin.replace("http:", "https:")).list_requests()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session: connections, cookies, TLS, proxies, secrets; over real connections."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
SECRET = "5ecret%2F+=~5ecret"


def test_one_connection_and_its_cookie_serve_many_calls(scripted: Any, reply: Any) -> None:
    scripted.answer(reply([], headers={"Set-Cookie": "ASP.NET_SessionId=abc; path=/; HttpOnly"}))
    client = scripted.client()
    for _turn in range(4):
        client.list_requests()
    assert scripted.connections == 1
    assert [call.headers.get("Cookie") for call in scripted.calls] == [None] + ["ASP.NET_SessionId=abc"] * 3


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
    with pytest.raises(errors.CertificateRejected, match="use the server's host name in url"):
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

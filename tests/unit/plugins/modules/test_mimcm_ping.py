# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What mimcm_ping finds, and that it finds it instead of failing."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis import libraries
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.modules import mimcm_ping
from ansible_collections.certops.mimcm.tests.unit.helpers import params
from ansible_collections.certops.mimcm.tests.unit.socks_proxy import socks_proxy

NAMES = ["libraries", "address", "connection", "tls", "offers", "clock", "kerberos", "sign_in", "api"]


def ping(url: str, **given: Any) -> dict[str, Any]:
    options = params(**{"url": url, "auth_method": "none", "timeout": 5, **given})
    result = execute(mimcm_ping.run, options, False, mimcm_ping.open_client)
    json.dumps(result)
    if not result.get("failed"):
        assert [finding["check"] for finding in result["findings"]] == NAMES
        assert result["ok"] == (not result["problems"])
    return result


def status(result: dict[str, Any]) -> dict[str, str]:
    return {finding["check"]: finding["status"] for finding in result["findings"]}


def only_problem(result: dict[str, Any], check: str) -> str:
    assert [name for name, value in status(result).items() if value == "problem"] == [check]
    return str(result["problems"][0])


def test_all_is_well(scripted: Any, reply: Any) -> None:
    scripted.answer(reply([]))
    result = ping(scripted.origin)
    assert result["ok"]
    assert status(result)["tls"] == "warning"
    assert status(result)["kerberos"] == "skipped"


@pytest.mark.parametrize(
    ("given", "check", "said"),
    [
        ({"status": 404}, "api", "Clm.WebApi.Enabled"),
        ({"status": 403}, "api", "does not permit"),
        ({"status": 500}, "api", "event log"),
        ({"status": 503}, "sign_in", "unavailable"),
        ({"status": 302, "headers": {"Location": "/login"}}, "sign_in", "redirects to"),
        ({"body": b"<html>", "content_type": "text/html"}, "sign_in", "not JSON"),
        ({"reset": True}, "offers", "Could not reach"),
    ],
    ids=["404", "403", "500", "503", "302", "html", "reset"],
)
def test_what_the_server_says(scripted: Any, reply: Any, given: dict[str, Any], check: str, said: str) -> None:
    scripted.answer(reply(**{"body": b"", **given}))
    assert said in only_problem(ping(scripted.origin), check)


@pytest.mark.parametrize(
    ("method", "offers", "said"),
    [
        ("none", "Negotiate", "Set auth_method"),
        ("kerberos", "NTLM", "Set another auth_method than kerberos, or enable Negotiate"),
        ("ntlm", "Bearer", "Set another auth_method than ntlm, or enable Ntlm"),
        ("token", "Negotiate", "Set another auth_method than token, or enable Bearer"),
    ],
)
def test_what_is_offered_is_held_against_what_is_asked_for(
    scripted: Any, reply: Any, method: str, offers: str, said: str
) -> None:
    scripted.answer(reply(b"", status=401, headers={"WWW-Authenticate": offers}))
    given = {"username": "x", "password": "y", "token": "z", "allow_http_credentials": True}
    result = ping(scripted.origin, auth_method=method, **given)
    assert any(said in problem for problem in result["problems"]), result["problems"]


@pytest.mark.parametrize(("offset", "expected"), [(0, "ok"), (-200, "ok"), (400, "warning"), (-4000, "warning")])
def test_clocks(scripted: Any, reply: Any, offset: int, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import email.utils

    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset)
    served = email.utils.format_datetime(moment, usegmt=True)
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda self, timestamp=None: served)
    scripted.answer(reply([]))
    assert status(ping(scripted.origin))["clock"] == expected


@pytest.mark.parametrize("date", ["", "yesterday", "Sat, 99 Foo 2026"])
def test_no_clock(scripted: Any, reply: Any, date: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda self, timestamp=None: date)
    scripted.answer(reply([]))
    assert status(ping(scripted.origin))["clock"] == "skipped"


def test_a_certificate_is_described(scripted_over_tls: Any, authority: tuple[Any, str], reply: Any) -> None:
    server = scripted_over_tls(authority[0].issue_cert("localhost"))
    server.answer(reply([]))
    result = ping(server.origin, ca_path=authority[1])
    assert result["ok"]
    details = next(finding["details"] for finding in result["findings"] if finding["check"] == "tls")
    assert details["names"] == ["localhost"]
    assert details["version"].startswith("TLS")
    folder = ping(server.origin, ca_path=str(Path(authority[1]).parent))
    assert "not trusted" in only_problem(folder, "tls")


def test_a_certificate_that_is_not_trusted_says_whose_it_is(
    scripted_over_tls: Any, authority: tuple[Any, str], reply: Any
) -> None:
    server = scripted_over_tls(authority[0].issue_cert("elsewhere.test"))
    server.answer(reply([]))
    said = only_problem(ping(server.origin, ca_path=authority[1]), "tls")
    assert "for elsewhere.test" in said
    assert "Use a host name in url that is in the certificate, or have one issued for localhost" in said
    assert server.calls == []
    assert status(ping(server.origin, validate_certs=False))["tls"] == "warning"


def test_a_certificate_that_ends_soon(scripted_over_tls: Any, authority: tuple[Any, str], reply: Any) -> None:
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=9, hours=1)
    server = scripted_over_tls(authority[0].issue_cert("localhost", not_after=soon))
    server.answer(reply([]))
    result = ping(server.origin, ca_path=authority[1])
    assert result["ok"]
    finding = next(finding for finding in result["findings"] if finding["check"] == "tls")
    assert (finding["status"], finding["remedy"]) == ("warning", "Have the certificate renewed")
    assert "9 days from now" in finding["finding"]


def test_a_proxy_is_named_without_its_password(scripted: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://user:pr0xy-pr0xy@127.0.0.1:9")
    result = ping(scripted.origin)
    assert "pr0xy" not in json.dumps(result)
    assert next(f["finding"] for f in result["findings"] if f["check"] == "address").endswith(
        "127.0.0.1, which the environment sets"
    )
    assert any("use_proxy: false" in problem for problem in result["problems"])


@pytest.mark.parametrize("method", ["kerberos", "negotiate", "ntlm", "token", "adfs"])
def test_missing_libraries_are_named_with_what_to_run(
    scripted: Any, reply: Any, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "version_of", lambda name: None if name != "requests" else "2")
    scripted.answer(reply([]))
    given = {"username": "x", "password": "y", "token": "z", "allow_http_credentials": True}
    adfs = {"adfs_url": "http://127.0.0.1:1", "client_id": "x", "redirect_uri": "https://x"}
    result = ping(scripted.origin, auth_method=method, **given, **adfs)
    finding = result["findings"][0]
    if method in ("token", "adfs"):
        assert finding["status"] == "ok"
    else:
        assert finding["status"] == "problem"
        plain, _then, compiled = finding["remedy"].partition(", then ")
        assert plain.endswith("-m pip install pyspnego")
        assert ("'pyspnego[kerberos]', which needs a C compiler" in compiled) == (method == "kerberos")


def test_without_requests_it_still_says_what_is_missing(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "version_of", lambda name: None)
    monkeypatch.setattr(
        "ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.session.REQUESTS", False
    )
    result = ping(scripted.origin)
    assert "auth_method none needs requests, which cannot be imported" in result["problems"][0]
    assert status(result)["connection"] == "ok"


def test_a_socks_proxy_for_all(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with socks_proxy() as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://{proxy.address}")
        result = ping(scripted.origin)
    assert result["ok"]
    assert "through the proxy 127.0.0.1" in result["findings"][1]["finding"]


@pytest.mark.parametrize("proxy", ["http://[broken", "127.0.0.1:9", "http://user:pr0xy@127.0.0.1:9"])
def test_odd_proxies(scripted: Any, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", proxy)
    assert not ping(scripted.origin)["ok"]


def test_a_ca_bundle_of_the_environment_that_is_not_there(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent/ca.pem")
    assert "REQUESTS_CA_BUNDLE" in only_problem(ping(scripted.origin), "offers")


def test_options_that_make_no_sense_are_an_error_as_everywhere() -> None:
    assert ping("nonsense")["failed"]
    assert ping("https://localhost", auth_method="ntlm")["failed"]

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tokens from the stand-in for AD FS, used at a reference server that checks them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors, options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import adfs
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport import messages
from ansible_collections.certops.mimcm.plugins.modules import mimcm_login, mimcm_request_wait
from ansible_collections.certops.mimcm.tests.unit.helpers import defaults, params

pytest.importorskip("authlib")

USER, PASSWORD, SECRET = r"CORP\alice", "passw0rd-passw0rd", "s3cret-s3cret-s3cret"
RESOURCE, REDIRECT = "https://localhost/certificatemanagement", "https://automation.example.test/mimcm"
PENDING = "11111111-0000-4000-8000-000000000001"
STAND_IN = ("--user", f"{USER}:{PASSWORD}", "--client-id", "public", "--redirect-uri", REDIRECT)


class Peers:
    """AD FS and a server that believes it."""

    def __init__(self, federation: Any, server: Any, ca_path: str) -> None:
        self.federation, self.server, self.ca_path = federation, server, ca_path

    def params(self, **given: Any) -> dict[str, Any]:
        mine = {
            "url": self.server.origin.replace("127.0.0.1", "localhost"),
            "ca_path": self.ca_path,
            "auth_method": "adfs",
            "adfs_url": self.federation.origin.replace("127.0.0.1", "localhost"),
            "client_id": "public",
            "redirect_uri": REDIRECT,
            "username": USER,
            "password": PASSWORD,
            "retries": 0,
        }
        return params(**{**mine, **given})

    def client(self, **given: Any) -> Client:
        return connect(self.params(**given))

    def control(self, method: str, path: str, value: Any = None, peer: Any = None) -> Any:
        import requests

        url = f"{(peer or self.federation).control}/{path}"
        answer = requests.request(method, url, json=value, verify=self.ca_path, timeout=10)
        answer.raise_for_status()
        return answer.json() if answer.content.strip() else None

    def grants(self) -> list[str]:
        """The grants that AD FS was asked for."""
        return [call["grant_type"] for call in self.control("GET", "log") if call.get("grant_type")]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peers]:
    import trustme
    from mimcm_adfs.launch import running as adfs_running
    from mimcm_simulator.launch import running

    folder = tmp_path_factory.mktemp("adfs")
    ca_path, key, pem = str(folder / "ca.pem"), str(folder / "token.pem"), str(folder / "server.pem")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_path)
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(pem)
    more = ["--confidential", f"app:{SECRET}", "--key-out", key, "--cert", pem]
    with adfs_running(*STAND_IN, *more) as federation:
        accept = ["--auth", "token", "--token-key", key, "--token-audience", RESOURCE, "--cert", pem]
        with running(*accept) as server:
            yield Peers(federation, server, ca_path)


@pytest.fixture
def peers(started: Peers) -> Peers:
    started.control("PUT", "lifetime", {"seconds": 3600})
    started.control("DELETE", "log")
    started.server.call("reset", method="POST")
    return started


WAYS: dict[str, dict[str, Any]] = {
    "authorization_code": {},
    "password": {"grant_type": "password"},
}


@pytest.mark.parametrize("way", WAYS)
def test_one_sign_in_serves_a_session(peers: Peers, way: str) -> None:
    api = peers.client(**WAYS[way])
    for _turn in range(5):
        api.list_requests("None")
    assert peers.grants() == [way]
    # Signing in at AD FS is no call of the API.
    assert api.http_calls == 5


def test_pages_of_ad_fs_are_followed_to_the_code(tmp_path: Path) -> None:
    """AD FS sends agents on to the page that signs in integrated, or asks there at once."""
    from mimcm_adfs.launch import running as adfs_running

    with adfs_running(*STAND_IN, "--wia-redirect", "--wia-agents", "MSAuthHost/1.0/In-Domain") as federation:
        given = {"url": "https://localhost", "auth_method": "adfs", "adfs_url": federation.url, "client_id": "public"}
        login = {"redirect_uri": REDIRECT, "username": USER, "password": PASSWORD, "allow_http_credentials": True}
        assert connect(params(**given, **login)).acquire_token().access


def test_a_client_without_a_user_is_refused_by_the_server(peers: Peers) -> None:
    api = peers.client(grant_type="client_credentials", client_id="app", client_secret=SECRET)
    with pytest.raises(errors.AuthenticationFailed, match="may not know AD FS, resource, or the user in the token"):
        api.list_requests()


def test_a_token_is_renewed_before_it_expires(peers: Peers) -> None:
    peers.control("PUT", "lifetime", {"seconds": 1})
    login = options.login(peers.params())
    clock = [0.0]
    credentials = adfs.AdfsCredentials(
        login, adfs.sign_in(options.connection(peers.params()), login)._send, lambda: clock[0]
    )
    first = credentials.authorization()
    clock[0] = 0.85
    assert credentials.authorization() == first
    clock[0] = 0.95
    credentials.authorization()
    assert peers.grants() == ["authorization_code", "refresh_token"]


def test_a_token_that_the_server_refuses_is_replaced(peers: Peers) -> None:
    """A token of an earlier sign-in, which has expired; the refresh token of then gets a new one."""
    token = peers.client().acquire_token()
    api = peers.client(token="no-longer-good", refresh_token=token.refresh, username=None, password=None)
    api.list_requests("None")
    assert peers.grants() == ["authorization_code", "refresh_token"]


def test_a_token_that_expires_in_a_wait_is_replaced(peers: Peers) -> None:
    server = peers.server
    server.call("scenario", {"requests": [{"id": PENDING, "status": "Pending"}]}, "PUT")
    # Its life is not known: that the server refuses it in the middle of the wait is the only sign.
    token = peers.client().acquire_token()
    spec = mimcm_request_wait.ARGUMENT_SPEC
    mine = {"request_ids": [PENDING], "poll_interval": 0.2, "poll_interval_max": 0.2, "wait_timeout": 600}
    given = peers.params(**mine, token=token.access, refresh_token=token.refresh)

    def refused_and_after(log: list[dict[str, Any]]) -> list[int]:
        found = [entry["status"] for entry in log]
        return found[found.index(401) :] if 401 in found else []

    def statuses() -> list[int]:
        return [entry["status"] for entry in server.call("log")]

    with ThreadPoolExecutor(1) as pool:
        options_ = {**defaults(spec), **given}
        wait = pool.submit(execute, mimcm_request_wait.run, options_, False)
        server.until("log", lambda log: any(entry["status"] == 200 for entry in log))
        assert 401 not in statuses()
        # The first token lives for an hour; by the server's clock it is now over, and the next one is not.
        peers.control("PUT", "lifetime", {"seconds": 4 * 3600})
        server.call("clock", {"advance": 2 * 3600}, "POST")
        server.until("log", lambda log: 200 in refused_and_after(log))
        server.call(f"requests/{PENDING}", {"status": "Approved"}, "POST")
        result = wait.result(60)
    assert result["reached"] == [PENDING], result
    assert peers.grants() == ["authorization_code", "refresh_token"]
    assert statuses().count(401) == 1


def test_a_refresh_token_that_was_revoked_leads_back_to_the_grant(peers: Peers) -> None:
    token = peers.client().acquire_token()
    peers.control("POST", "revoke")
    peers.client(refresh_token=token.refresh).list_requests("None")
    assert peers.grants() == ["authorization_code", "refresh_token", "authorization_code"]
    with pytest.raises(errors.AuthenticationFailed, match=r"refresh_token \(invalid_grant\).*sign in again"):
        peers.client(grant_type="refresh_token", refresh_token=token.refresh).list_requests()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"password": "wr0ng-wr0ng"}, "check the credentials"),
        ({"grant_type": "password", "password": "wr0ng-wr0ng"}, r"grant_type password \(invalid_grant\).*MSIS"),
        ({"client_id": "nobody"}, r"refuses client_id or redirect_uri \(MSIS"),
        ({"redirect_uri": "https://elsewhere.test/"}, r"refuses client_id or redirect_uri \(MSIS"),
        ({"resource": "https://elsewhere.test"}, r"invalid_resource.*Get-AdfsRelyingPartyTrust"),
        (
            {"grant_type": "client_credentials", "client_id": "app", "client_secret": "wr0ng-wr0ng"},
            r"grant_type client_credentials \(invalid_client\).*check client_id and client_secret",
        ),
        (
            {"grant_type": "refresh_token", "refresh_token": "wr0ng-wr0ng"},
            r"grant_type refresh_token \(invalid_grant\)",
        ),
        ({"adfs_url": "/nowhere"}, "AD FS answered 404"),
    ],
    ids=["password", "password grant", "client", "redirect", "resource", "secret", "refresh token", "path"],
)
def test_what_ad_fs_refuses(peers: Peers, given: dict[str, Any], said: str) -> None:
    if "adfs_url" in given:
        given = {"adfs_url": peers.params()["adfs_url"] + given["adfs_url"]}
    with pytest.raises(errors.AuthenticationFailed, match=said) as caught:
        peers.client(**given).list_requests()
    message = str(caught.value)
    assert "wr0ng" not in message
    assert (message.count("\n"), message[-1]) == (0, ".")


def test_a_sign_in_form_is_named() -> None:
    from mimcm_adfs.launch import running as adfs_running

    with adfs_running(*STAND_IN, "--forms-only") as federation:
        given = {
            "url": "https://localhost",
            "auth_method": "adfs",
            "adfs_url": federation.origin,
            "client_id": "public",
        }
        login = {"redirect_uri": REDIRECT, "username": USER, "password": PASSWORD, "allow_http_credentials": True}
        with pytest.raises(errors.AuthenticationFailed, match=r"sign-in form.*WIASupportedUserAgents"):
            connect(params(**given, **login)).list_requests()


def test_ad_fs_that_cannot_be_reached(peers: Peers) -> None:
    with pytest.raises(
        errors.ConnectionFailed, match="Could not reach https://localhost:1 while signing in at AD FS"
    ) as it:
        peers.client(adfs_url="https://localhost:1").list_requests()
    # What was to be sent to the server after it was not: it may safely be sent again.
    assert not it.value.sent


def test_mimcm_login_hands_the_token_over(peers: Peers) -> None:
    result = execute(mimcm_login.run, peers.params(), False)
    assert (result["changed"], result["expires_in"]) == (False, 3600)
    assert result["expires_at"].endswith("Z")
    assert result["refresh_token"]
    peers.client(auth_method="token", token=result["token"]).list_requests()
    with pytest.raises(errors.AuthenticationFailed):
        peers.client(auth_method="token", token=result["token"][:-4] + "AAAA").list_requests()


def test_mimcm_login_is_for_ad_fs(peers: Peers) -> None:
    result = execute(mimcm_login.run, peers.params(auth_method="ntlm"), False)
    assert result["failed"]
    assert "set auth_method: adfs" in result["msg"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"adfs_url": None}, "adfs needs adfs_url"),
        ({"client_id": None}, "adfs needs client_id"),
        ({"redirect_uri": None}, "grant_type authorization_code needs redirect_uri"),
        ({"grant_type": "password", "password": None}, "grant_type password needs password"),
        ({"grant_type": "refresh_token"}, "grant_type refresh_token needs refresh_token"),
        ({"grant_type": "client_credentials"}, "grant_type client_credentials needs client_secret"),
        ({"adfs_url": "http://adfs.contoso.com"}, "would send credentials to http://adfs.contoso.com.* unencrypted"),
        ({"adfs_url": "https://x:hunter2@adfs.contoso.com"}, "adfs_url must not contain a user name"),
        ({"keytab": __file__}, "password and keytab cannot be combined"),
    ],
)
def test_what_is_missing_is_named(peers: Peers, given: dict[str, Any], said: str) -> None:
    with pytest.raises(errors.UsageError, match=said) as caught:
        peers.client(**given)
    assert "hunter2" not in str(caught.value)


# ---------------------------------------------------------------------------------------------------------------------
# What no well-behaved AD FS would do


def credentials_for(reply: messages.Reply, **given: Any) -> adfs.AdfsCredentials:
    login = options.Login("adfs", USER, PASSWORD, adfs_url="https://adfs.test/adfs", client_id="x", **given)
    return adfs.AdfsCredentials(login, lambda call: reply)


def answered(status: int, content: Any, **headers: str) -> messages.Reply:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return messages.Reply(status, headers, body)


@pytest.mark.parametrize(
    "content",
    [b"<html>", b"", b"[1]", b"null", {}, {"access_token": 7}, {"access_token": "two\nlines"}, b"[" * 100_000],
    ids=["html", "nothing", "list", "null", "empty", "number", "line end", "depth"],
)
def test_what_is_no_token(content: Any) -> None:
    credentials = credentials_for(answered(200, content), grant_type="password")
    with pytest.raises((errors.InvalidAnswer, errors.AuthenticationFailed), match="AD FS"):
        credentials.acquire()


@pytest.mark.parametrize("lifetime", [None, "soon", "nan", -5, 0, 1e300, True])
def test_any_lifetime(lifetime: Any) -> None:
    credentials = credentials_for(answered(200, {"access_token": "abc", "expires_in": lifetime}), grant_type="password")
    assert credentials.authorization() == "Bearer abc"
    result = execute(mimcm_login.run, {}, False, lambda params: credentials_client(credentials))
    assert result["token"] == "abc"


def credentials_client(credentials: adfs.AdfsCredentials) -> Any:
    class Stub:
        acquire_token = staticmethod(credentials.acquire)

    return Stub()


def test_a_refusal_that_repeats_the_secrets() -> None:
    text = f"No: {PASSWORD}"
    credentials = credentials_for(
        answered(400, {"error": "invalid_grant", "error_description": text}), grant_type="password"
    )
    with pytest.raises(errors.AuthenticationFailed) as caught:
        credentials.acquire()
    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in repr(credentials._login) + repr(credentials._token)


def test_a_redirect_to_another_host_is_not_followed() -> None:
    asked: list[str] = []

    def send(call: messages.Call) -> messages.Reply:
        asked.append(call.url)
        return answered(302, b"", Location="https://elsewhere.test/adfs")

    login = options.Login(
        "adfs", USER, PASSWORD, adfs_url="https://adfs.test/adfs", client_id="x", redirect_uri=REDIRECT
    )
    with pytest.raises(errors.InvalidAnswer, match="does not redirect to redirect_uri"):
        adfs.AdfsCredentials(login, send).acquire()
    assert asked == ["https://adfs.test/adfs/oauth2/authorize"]


@pytest.mark.parametrize("place", ["http://[broken", "", "mailto:x", "https://adfs.test:99999/", "//"])
def test_a_redirect_to_nowhere(place: str) -> None:
    with pytest.raises(errors.InvalidAnswer, match="does not redirect to redirect_uri"):
        credentials_for(answered(302, b"", Location=place), redirect_uri=REDIRECT).acquire()


def test_a_code_for_somebody_else_is_not_taken() -> None:
    reply = answered(302, b"", Location=f"{REDIRECT}?code=abc&state=of-another")
    with pytest.raises(errors.AuthenticationFailed):
        credentials_for(reply, redirect_uri=REDIRECT).acquire()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for AD FS, by raw requests: what it grants, what it refuses, and how it signs users in."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
import spnego
from joserfc import jwk, jwt
from mimcm_adfs.launch import Running, running
from mimcm_simulator.launch import running as reference_server

RESOURCE = "https://localhost/certificatemanagement"
REDIRECT = "http://localhost/"
OPTIONS = ("--user", r"CORP\alice:not-a-real-one", "--client-id", "public", "--confidential", "app:not-a-real-secret")
USER, PASSWORD = r"CORP\alice", "not-a-real-one"
QUERY = {
    "response_type": "code",
    "client_id": "public",
    "redirect_uri": REDIRECT,
    "resource": RESOURCE,
    "state": "a state",
}
BY_PASSWORD = {
    "grant_type": "password",
    "client_id": "public",
    "username": USER,
    "password": PASSWORD,
    "resource": RESOURCE,
}
BY_SECRET = {
    "grant_type": "client_credentials",
    "client_id": "app",
    "client_secret": "not-a-real-secret",
    "resource": RESOURCE,
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Running]:
    with running(*OPTIONS) as server:
        yield server


@pytest.fixture
def adfs(shared: Running) -> Running:
    """A server with its log empty and no refresh tokens."""
    requests.put(f"{shared.control}/lifetime", json={"seconds": 3600}, timeout=5).raise_for_status()
    requests.post(f"{shared.control}/revoke", timeout=5).raise_for_status()
    requests.delete(f"{shared.control}/log", timeout=5).raise_for_status()
    return shared


def connect(server: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=5)


def get(connection: http.client.HTTPConnection, path: str, **headers: str) -> http.client.HTTPResponse:
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    return answer


def path_of(query: dict[str, str], page: str = "") -> str:
    return f"/adfs/oauth2/authorize{page}?{urlencode(query)}"


def log_on(
    connection: http.client.HTTPConnection, path: str, password: str = PASSWORD, scheme: str = "NTLM", **headers: str
) -> http.client.HTTPResponse:
    client = spnego.client(USER, password, "127.0.0.1", "HTTP", protocol="ntlm" if scheme == "NTLM" else "negotiate")
    token = client.step()
    while True:
        answer = get(connection, path, Authorization=f"{scheme} {base64.b64encode(token or b'').decode()}", **headers)
        challenges = answer.headers.get_all("WWW-Authenticate") or []
        given = next((item.partition(" ")[2] for item in challenges if item.startswith(f"{scheme} ")), "")
        token = client.step(base64.b64decode(given)) if given and not client.complete else None
        if not token:
            return answer


def handed_over(answer: http.client.HTTPResponse) -> dict[str, str]:
    assert answer.status == 302
    location = answer.headers["Location"]
    assert location.startswith(f"{REDIRECT}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def code_of(server: Running, **more: str) -> str:
    return handed_over(log_on(connect(server), path_of(QUERY | more)))["code"]


def redeem(server: Running, code: str, **more: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "client_id": "public", "redirect_uri": REDIRECT, "code": code}
    return ask(server, form | more)


def ask(server: Running, form: dict[str, str]) -> requests.Response:
    return requests.post(server.token, data=form, timeout=5)


def claims_of(server: Running, token: str) -> dict[str, Any]:
    keys = jwk.KeySet.import_key_set(requests.get(f"{server.url}/discovery/keys", timeout=5).json())
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


def refused(answer: requests.Response, error: str, number: str, status: int = 400) -> None:
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"].startswith("application/json")
    said = answer.json()
    assert said["error"] == error
    assert said["error_description"].startswith(f"{number}: ")


def test_offers_before_the_handshake(adfs: Running) -> None:
    answer = requests.get(adfs.authorize, params=QUERY, timeout=5, allow_redirects=False)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Negotiate, NTLM"


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
@pytest.mark.parametrize("page", ["", "/", "/wia"])
def test_code(adfs: Running, scheme: str, page: str) -> None:
    given = handed_over(log_on(connect(adfs), path_of(QUERY, page), scheme=scheme))
    assert given["state"] == "a state"
    assert given["client-request-id"]
    answer = redeem(adfs, given["code"], resource=RESOURCE)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.json()
    assert token | {"access_token": "", "refresh_token": ""} == {
        "access_token": "",
        "refresh_token": "",
        "token_type": "bearer",
        "expires_in": 3600,
        "resource": RESOURCE,
        "refresh_token_expires_in": 28800,
    }
    claims = claims_of(adfs, token["access_token"])
    assert claims["aud"] == RESOURCE
    assert claims["iss"] == "http://127.0.0.1/adfs/services/trust"
    assert claims["exp"] - claims["iat"] == 3600
    assert (claims["appid"], claims["upn"], claims["winaccountname"]) == ("public", "alice@example.test", USER)


def test_handshake_belongs_to_the_connection(adfs: Running) -> None:
    connection = connect(adfs)
    assert get(connection, path_of(QUERY)).status == 401
    assert log_on(connection, path_of(QUERY), "wrong").status == 401
    assert log_on(connection, path_of(QUERY)).status == 302
    assert get(connection, path_of(QUERY)).status == 302
    assert get(connect(adfs), path_of(QUERY)).status == 401
    client = spnego.client(USER, PASSWORD, "127.0.0.1", "HTTP", protocol="ntlm")
    first = base64.b64encode(client.step() or b"").decode()
    challenge = get(connect(adfs), path_of(QUERY), Authorization=f"NTLM {first}").headers["WWW-Authenticate"]
    last = base64.b64encode(client.step(base64.b64decode(challenge.partition(" ")[2])) or b"").decode()
    assert get(connect(adfs), path_of(QUERY), Authorization=f"NTLM {last}").status == 401


def test_code_is_good_once(adfs: Running) -> None:
    code = code_of(adfs)
    assert redeem(adfs, code).status_code == 200
    refused(redeem(adfs, code), "invalid_grant", "MSIS9612")
    refused(redeem(adfs, "made up"), "invalid_grant", "MSIS9612")


def test_code_is_bound() -> None:
    other = "http://localhost/other"
    more = ("--client-id", "second", "--redirect-uri", REDIRECT, "--redirect-uri", other)
    with running(*OPTIONS, *more, "--resource", RESOURCE, "--resource", "urn:other") as server:
        refused(redeem(server, code_of(server), client_id="second"), "invalid_grant", "MSIS9612")
        refused(redeem(server, code_of(server), redirect_uri=other), "invalid_grant", "MSIS9612")
        refused(redeem(server, code_of(server), redirect_uri="http://x/"), "invalid_request", "MSIS9609")
        refused(redeem(server, code_of(server), resource="urn:other"), "invalid_resource", "MSIS9602")
        # An attempt that fails spends the code as well.
        code = code_of(server)
        redeem(server, code, client_id="second")
        refused(redeem(server, code), "invalid_grant", "MSIS9612")


def test_code_expires() -> None:
    with running(*OPTIONS, "--code-lifetime", "0") as server:
        refused(redeem(server, code_of(server)), "invalid_grant", "MSIS9612")


def test_pkce(adfs: Running) -> None:
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    more = {"code_challenge": challenge, "code_challenge_method": "S256"}
    assert redeem(adfs, code_of(adfs, **more), code_verifier=verifier).status_code == 200
    refused(redeem(adfs, code_of(adfs, **more), code_verifier="w" * 64), "invalid_grant", "MSIS9612")
    refused(redeem(adfs, code_of(adfs, **more)), "invalid_request", "MSIS9600")


@pytest.mark.parametrize("resource", ["", "urn:unknown"])
def test_resource_is_needed(adfs: Running, resource: str) -> None:
    answer = get(connect(adfs), path_of(QUERY | {"resource": resource}))
    given = handed_over(answer)
    assert given["error"] == "invalid_resource"
    assert given["error_description"].startswith("MSIS9602: ")
    assert given["state"] == "a state"
    refused(ask(adfs, BY_PASSWORD | {"resource": resource}), "invalid_resource", "MSIS9602")
    refused(ask(adfs, BY_SECRET | {"resource": resource}), "invalid_resource", "MSIS9602")


@pytest.mark.parametrize(
    ("more", "number"),
    [
        ({"client_id": "nobody"}, "MSIS9223"),
        ({"redirect_uri": "http://evil.example/"}, "MSIS9224"),
        ({"redirect_uri": "http://localhost"}, "MSIS9224"),
        ({"redirect_uri": ""}, "MSIS9224"),
    ],
)
def test_page_instead_of_redirect(adfs: Running, more: dict[str, str], number: str) -> None:
    answer = requests.get(adfs.authorize, params=QUERY | more, timeout=5, allow_redirects=False)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert number in answer.text
    assert "Location" not in answer.headers


def test_response_type(adfs: Running) -> None:
    assert handed_over(get(connect(adfs), path_of(QUERY | {"response_type": "token"})))["error"] == (
        "unsupported_response_type"
    )


def test_password(adfs: Running) -> None:
    for name in (r"corp\Alice", "alice@example.test"):
        token = ask(adfs, BY_PASSWORD | {"username": name}).json()
        assert claims_of(adfs, token["access_token"])["upn"] == "alice@example.test"
        assert token["refresh_token"]
    for wrong in ({"password": "wrong"}, {"username": "alice"}, {"username": r"CORP\bob"}):
        refused(ask(adfs, BY_PASSWORD | wrong), "invalid_grant", "MSIS9659")


def test_password_switched_off() -> None:
    with running(*OPTIONS, "--no-password-grant") as server:
        refused(ask(server, BY_PASSWORD), "unauthorized_client", "MSIS9600")
        assert ask(server, BY_SECRET).status_code == 200
    with running(*OPTIONS, "--only-code") as server:
        refused(ask(server, BY_PASSWORD), "unsupported_grant_type", "MSIS9611")
        refused(ask(server, BY_SECRET), "unsupported_grant_type", "MSIS9611")
        assert redeem(server, code_of(server)).status_code == 200


def test_client_credentials(adfs: Running) -> None:
    token = ask(adfs, BY_SECRET).json()
    assert set(token) == {"access_token", "token_type", "expires_in"}
    claims = claims_of(adfs, token["access_token"])
    assert claims["appid"] == "app"
    assert not {"upn", "winaccountname"} & set(claims)
    form = {name: BY_SECRET[name] for name in ("grant_type", "resource")}
    basic = requests.post(adfs.token, data=form, auth=("app", "not-a-real-secret"), timeout=5)
    assert basic.status_code == 200


@pytest.mark.parametrize(
    ("form", "error", "number"),
    [
        (BY_SECRET | {"client_secret": "wrong"}, "invalid_client", "MSIS9622"),
        (BY_SECRET | {"client_secret": ""}, "invalid_client", "MSIS9622"),
        (BY_PASSWORD | {"client_secret": "unasked"}, "invalid_client", "MSIS9622"),
        (BY_PASSWORD | {"client_id": "nobody"}, "invalid_client", "MSIS9607"),
        (BY_SECRET | {"client_id": "public", "client_secret": ""}, "unauthorized_client", "MSIS9600"),
        (BY_SECRET | {"grant_type": "implicit"}, "unsupported_grant_type", "MSIS9611"),
        ({}, "unsupported_grant_type", "MSIS9611"),
        ({"grant_type": "authorization_code", "client_id": "public"}, "invalid_request", "MSIS9600"),
        ({"grant_type": "refresh_token", "client_id": "public"}, "invalid_request", "MSIS9600"),
    ],
)
def test_refused(adfs: Running, form: dict[str, str], error: str, number: str) -> None:
    refused(ask(adfs, form), error, number)


def test_parameters_count_in_the_form_only(adfs: Running) -> None:
    refused(requests.post(adfs.token, params=BY_PASSWORD, timeout=5), "unsupported_grant_type", "MSIS9611")
    refused(requests.post(adfs.token, json=BY_PASSWORD, timeout=5), "unsupported_grant_type", "MSIS9611")
    assert requests.get(adfs.token, params=BY_PASSWORD, timeout=5).status_code == 404


def refresh_form(token: str, **more: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "client_id": "public", "refresh_token": token} | more


def test_refresh(adfs: Running) -> None:
    first = redeem(adfs, code_of(adfs)).json()
    for _again in range(2):
        # No new refresh token comes: the old one goes on.
        answer = ask(adfs, refresh_form(first["refresh_token"]))
        assert set(answer.json()) == {"access_token", "token_type", "expires_in"}
        assert claims_of(adfs, answer.json()["access_token"])["upn"] == "alice@example.test"
    other = refresh_form(first["refresh_token"], client_id="app", client_secret="not-a-real-secret")
    refused(ask(adfs, other), "invalid_grant", "MSIS9614")
    refused(ask(adfs, refresh_form(first["refresh_token"], resource="urn:x")), "invalid_resource", "MSIS9602")
    refused(ask(adfs, refresh_form("made up")), "invalid_grant", "MSIS9614")
    requests.post(f"{adfs.control}/revoke", timeout=5).raise_for_status()
    refused(ask(adfs, refresh_form(first["refresh_token"])), "invalid_grant", "MSIS9614")


@pytest.mark.parametrize("status", [400, 401])
def test_refresh_expires(status: int) -> None:
    with running(*OPTIONS, "--refresh-lifetime", "0", "--expired-refresh-status", str(status)) as server:
        token = ask(server, BY_PASSWORD).json()
        assert token["refresh_token_expires_in"] == 0
        refused(ask(server, refresh_form(token["refresh_token"])), "invalid_grant", "MSIS9615", status)


def test_form_instead_of_integrated() -> None:
    with running(*OPTIONS, "--wia-agents", "MSIE,Mozilla/5.0 (Windows NT,certops") as server:
        path = path_of(QUERY)
        assert get(connect(server), path, User_Agent="certops.mimcm").status == 401
        assert get(connect(server), path, User_Agent="Mozilla/5.0 (Windows NT 10.0)").status == 401
        form = get(connect(server), path, User_Agent="python-requests")
        assert form.status == 200
        assert form.headers["Content-Type"].startswith("text/html")
        assert log_on(connect(server), path, User_Agent="python-requests").status == 200
        assert log_on(connect(server), path, User_Agent="certops.mimcm").status == 302


def test_form() -> None:
    with running(*OPTIONS, "--forms-only") as server:
        url = f"{server.origin}{path_of(QUERY)}"
        assert 'name="Password"' in requests.get(url, timeout=5).text
        form = {"UserName": USER, "Password": "wrong", "AuthMethod": "FormsAuthentication"}
        wrong = requests.post(url, data=form, timeout=5, allow_redirects=False)
        assert wrong.status_code == 200
        assert "Incorrect user ID or password" in wrong.text
        right = requests.post(url, data=form | {"Password": PASSWORD}, timeout=5, allow_redirects=False)
        assert right.status_code == 302
        assert "code=" in right.headers["Location"]


def test_redirect_to_the_integrated_page() -> None:
    with running(*OPTIONS, "--wia-redirect") as server:
        moved = get(connect(server), path_of(QUERY))
        assert moved.status == 302
        assert moved.headers["Location"].startswith("/adfs/oauth2/authorize/wia?")
        assert get(connect(server), moved.headers["Location"]).status == 401
        assert handed_over(log_on(connect(server), moved.headers["Location"]))["code"]


@pytest.mark.parametrize("name", ["alice@EXAMPLE.TEST", r"EXAMPLE\alice", "alice"])
def test_user_of_a_reverse_proxy(adfs: Running, name: str) -> None:
    assert get(connect(adfs), path_of(QUERY), X_Remote_User=name).status == 401
    with running(*OPTIONS, "--trust-remote-user") as server:
        code = handed_over(get(connect(server), path_of(QUERY), X_Remote_User=name))["code"]
        claims = claims_of(server, redeem(server, code).json()["access_token"])
        assert (claims["upn"], claims["winaccountname"]) == ("alice@example.test", r"EXAMPLE\alice")


def test_kerberos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gssapi")
    pytest.importorskip("krb5")
    from mimcm_simulator.realm import missing, realm

    if missing():
        pytest.skip(f"MIT Kerberos is not installed: {', '.join(missing())}")
    with realm(tmp_path) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        with running() as server:
            client = spnego.client("alice", None, "localhost", "HTTP", protocol="negotiate")
            header = f"Negotiate {base64.b64encode(client.step() or b'').decode()}"
            query = QUERY | {"client_id": "70A8B8B1-862C-4473-80AB-4E55BAE45B4F"}
            connection = http.client.HTTPConnection("localhost", urlsplit(server.origin).port, timeout=5)
            answer = get(connection, path_of(query), Authorization=header)
            client.step(base64.b64decode(answer.headers["WWW-Authenticate"].partition(" ")[2]))
            assert client.complete
            # Kerberos counts for one request.
            assert get(connection, path_of(query)).status == 401
            token = redeem(server, handed_over(answer)["code"], client_id=query["client_id"]).json()
            assert claims_of(server, token["access_token"])["upn"] == "alice@example.test"


def test_log_holds_no_secrets(adfs: Running) -> None:
    token = redeem(adfs, code_of(adfs)).json()
    ask(adfs, BY_SECRET | {"client_secret": "wrong"})
    answer = requests.get(f"{adfs.control}/log", timeout=5)
    shown = [(entry["method"], entry["grant_type"], entry["client_id"], entry["status"]) for entry in answer.json()]
    assert shown == [
        ("GET", None, "public", 401),
        ("GET", None, "public", 302),
        ("POST", "authorization_code", "public", 200),
        ("POST", "client_credentials", "app", 400),
    ]
    assert {entry["path"] for entry in answer.json()} == {"/adfs/oauth2/authorize", "/adfs/oauth2/token"}
    assert token["refresh_token"] not in answer.text
    assert "wrong" not in answer.text


def test_configuration_and_key(tmp_path: Path) -> None:
    authority, port, key = tmp_path / "ca.pem", tmp_path / "port", tmp_path / "key.pem"
    more = ("--tls", "--ca-file", str(authority), "--port-file", str(port), "--key-out", str(key))
    with running(*OPTIONS, *more) as server:
        assert server.url == f"https://127.0.0.1:{port.read_text().strip()}/adfs"
        found = requests.get(f"{server.url}/.well-known/openid-configuration", verify=str(authority), timeout=5).json()
        assert found["token_endpoint"] == f"{server.token}/"
        answer = requests.post(found["token_endpoint"], data=BY_PASSWORD, verify=str(authority), timeout=5)
        pem = jwk.RSAKey.import_key(key.read_bytes())
        assert jwt.decode(answer.json()["access_token"], pem, algorithms=["RS256"]).claims["aud"] == RESOURCE
        keys = requests.get(found["jwks_uri"], verify=str(authority), timeout=5).text
        assert not {"d", "p", "q"} & set(json.loads(keys)["keys"][0])
    assert not key.exists()


def test_reference_server_takes_the_token(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    with (
        running(*OPTIONS, "--key-out", str(key), "--resource", RESOURCE, "--resource", "urn:other") as server,
        reference_server("--auth", "token", "--token-key", str(key), "--token-audience", RESOURCE) as mimcm,
    ):

        def call(form: dict[str, str]) -> requests.Response:
            token = ask(server, form).json()["access_token"]
            headers = {"Authorization": f"Bearer {token}"}
            return requests.get(f"{mimcm.url}/requests", headers=headers, timeout=5)

        assert call(BY_PASSWORD).status_code == 200
        assert requests.get(f"{mimcm.control}/log", timeout=5).json()[-1]["user"] == "alice@example.test"
        assert call(BY_SECRET).status_code == 401
        assert call(BY_PASSWORD | {"resource": "urn:other"}).status_code == 401
        requests.put(f"{server.control}/lifetime", json={"seconds": 0}, timeout=5).raise_for_status()
        expired = call(BY_PASSWORD)
        assert expired.status_code == 401
        assert expired.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')
        requests.put(f"{server.control}/lifetime", json={"seconds": 3600}, timeout=5).raise_for_status()
        token = ask(server, BY_PASSWORD).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert requests.get(f"{mimcm.url}/requests", headers=headers, timeout=5).status_code == 200
        requests.post(f"{mimcm.control}/clock", json={"advance": 3601}, timeout=5).raise_for_status()
        assert requests.get(f"{mimcm.url}/requests", headers=headers, timeout=5).status_code == 401


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--user", "alice"), r"A user must be given as DOMAIN\name:password"),
        (("--confidential", "app"), "A confidential client must be given as id:secret."),
        (("--ca-file", "x"), "--ca-file needs --tls"),
    ],
)
def test_cannot_start(options: tuple[str, ...], sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RuntimeError), running(*options):
        pass
    assert sentence in capfd.readouterr().err

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection against the domain: every way to sign in, what goes wrong with each, and how often it is asked."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mimcm_directory.apache import CM, Apache
from mimcm_directory.domain import Domain
from mimcm_simulator.launch import Running, running

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell import argument_spec
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.execute import execute
from ansible_collections.certops.mimcm.plugins.modules import mimcm_request_wait

PENDING = "11111111-0000-4000-8000-000000000001"
Connect = Callable[..., Client]


@pytest.fixture(autouse=True)
def clean(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of the domain who holds no ticket yet."""
    for name in [name for name in os.environ if name.startswith(("KRB5", "MIMCM_")) or name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KRB5_CONFIG", str(domain.krb5_conf))
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/no-ticket")


@pytest.fixture
def ticket(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    domain.kinit("automation", domain.users["automation"], tmp_path / "cache")
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/cache")
    return f"FILE:{tmp_path}/cache"


def params(url: str, ca_path: Path | str, **given: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in argument_spec.COMMON_SPEC.items()}
    return {**defaults, "url": url, "ca_path": str(ca_path), "retries": 0, **given}


@pytest.fixture
def client(apache: Apache) -> Connect:
    apache.clear()
    return lambda url, **given: connect(params(url, apache.ca_file, **given))


def statuses(apache: Apache) -> list[int]:
    return [request.status for request in apache.requests()]


def users(apache: Apache) -> set[str | None]:
    return {request.user for request in apache.requests() if request.status == 200}


# ---------------------------------------------------------------------------------------------------------------------
# Ways in, and round trips


def ask(api: Client, times: int = 5) -> int:
    for _turn in range(times):
        api.list_requests("None")
    return api.http_calls


def kerberos_logins(domain: Domain) -> dict[str, dict[str, Any]]:
    automation = domain.principal("automation")
    return {
        "ticket cache": {},
        "password": {"username": automation, "password": domain.users["automation"]},
        "keytab": {"keytab": str(domain.client_keytab)},
        "keytab and name": {"keytab": str(domain.client_keytab), "username": automation},
    }


@pytest.mark.parametrize("way", ["ticket cache", "password", "keytab", "keytab and name"])
def test_kerberos_needs_one_request_for_each_call(
    domain: Domain, apache: Apache, client: Connect, way: str, request: pytest.FixtureRequest
) -> None:
    if way == "ticket cache":
        request.getfixturevalue("ticket")
    for origin in (apache.kerberos, apache.plain, apache.negotiate):
        apache.clear()
        login = {**kerberos_logins(domain)[way], "auth_method": "kerberos", "allow_http_credentials": True}
        assert ask(client(origin, **login)) == 5
        found = apache.requests()
        assert [entry.status for entry in found] == [204] * 5 or {entry.status for entry in found} <= {200, 204}
        assert {entry.user for entry in found} == {domain.principal("automation")}
        assert len({entry.client_port for entry in found}) == 1


@pytest.mark.parametrize("way", ["ticket cache", "password", "keytab"])
def test_negotiate_asks_once_and_takes_kerberos(
    domain: Domain, apache: Apache, client: Connect, way: str, request: pytest.FixtureRequest
) -> None:
    if way == "ticket cache":
        request.getfixturevalue("ticket")
    for origin in (apache.kerberos, apache.negotiate):
        apache.clear()
        assert ask(client(origin, auth_method="negotiate", **kerberos_logins(domain)[way])) == 6
        assert statuses(apache).count(401) == 1
        assert {entry.user for entry in apache.requests() if entry.status < 400} == {domain.principal("automation")}


@pytest.mark.parametrize("username", ["CMTEST\\automation", "automation@CM.TEST.LOCAL"])
def test_ntlm_shakes_hands_once_for_a_connection(
    domain: Domain, apache: Apache, client: Connect, username: str
) -> None:
    api = client(apache.negotiate, auth_method="ntlm", username=username, password=domain.users["automation"])
    assert ask(api) == 7
    assert statuses(apache).count(401) == 2
    assert len({entry.client_port for entry in apache.requests()}) == 1


def test_negotiate_falls_back_to_ntlm_without_a_domain_controller(
    domain: Domain, apache: Apache, client: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "krb5.conf"
    elsewhere.write_text(domain.krb5_conf.read_text().replace("kdc = 127.0.0.1", "kdc = 127.0.0.1:9"))
    monkeypatch.setenv("KRB5_CONFIG", str(elsewhere))
    login = {"username": "CMTEST\\automation", "password": domain.users["automation"]}
    assert ask(client(apache.negotiate, auth_method="negotiate", **login)) == 7


def test_kerberos_never_sends_ntlm_and_ntlm_never_kerberos(domain: Domain, apache: Apache, client: Connect) -> None:
    login = {"username": "CMTEST\\automation", "password": domain.users["automation"]}
    # There is no Kerberos for ntlm to use, and no NTLM at a server that knows Kerberos only.
    with pytest.raises(errors.AuthenticationFailed):
        client(apache.kerberos, auth_method="ntlm", **login).list_requests()
    with pytest.raises(errors.AuthenticationFailed, match="on this side"):
        client(apache.negotiate, auth_method="kerberos", ticket_cache="FILE:/nonexistent").list_requests()
    assert [entry.status for entry in apache.requests() if entry.port == 8444] == []


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_channel_bindings_satisfy_extended_protection(domain: Domain, ticket: str, tmp_path: Path, method: str) -> None:
    ca_file = tmp_path / "ca.pem"
    secured = {**domain.environment, "KRB5_KTNAME": str(domain.keytabs[CM])}
    arguments = ["--host", CM, "--tls", "--ca-file", str(ca_file), "--auth", "negotiate", "--require-channel-bindings"]
    with running(*arguments, environment=secured) as strict:
        api = connect(params(strict.origin, ca_file, auth_method=method))
        assert ask(api) == (5 if method == "kerberos" else 6)


# ---------------------------------------------------------------------------------------------------------------------
# What goes wrong


def refused(api: Client) -> str:
    with pytest.raises(errors.AuthenticationFailed) as caught:
        api.list_requests("None")
    message = str(caught.value)
    assert (message.count("\n"), message[-1]) == (0, ".")
    assert "wr0ng" not in message
    return message


def test_a_wrong_password(domain: Domain, apache: Apache, client: Connect) -> None:
    login = {"username": domain.principal("approver"), "password": "wr0ng-wr0ng"}
    assert "is wrong; check username and password" in refused(client(apache.kerberos, auth_method="kerberos", **login))
    assert "check the credentials" in refused(client(apache.negotiate, auth_method="negotiate", **login))
    login = {"username": "CMTEST\\approver", "password": "wr0ng-wr0ng"}
    assert r"check the credentials: username (DOMAIN\name)" in refused(
        client(apache.negotiate, auth_method="ntlm", **login)
    )


def test_an_unknown_account(domain: Domain, apache: Apache, client: Connect) -> None:
    login = {"username": domain.principal("nobody"), "password": "wr0ng-wr0ng"}
    said = refused(client(apache.kerberos, auth_method="kerberos", **login))
    assert "the domain has no account nobody@CM.TEST.LOCAL" in said


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_no_ticket(apache: Apache, client: Connect, method: str) -> None:
    said = refused(client(apache.kerberos, auth_method=method))
    assert "there is no Kerberos ticket; run kinit NAME@REALM" in said


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_an_expired_ticket(
    domain: Domain, apache: Apache, client: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    # Samba's domain controller gives out tickets as short as this, and calls them expired at once.
    domain.kinit("automation", domain.users["automation"], tmp_path / "short", lifetime="60s")
    monkeypatch.setenv("KRB5CCNAME", f"FILE:{tmp_path}/short")
    assert "the Kerberos ticket has expired; run kinit" in refused(client(apache.kerberos, auth_method=method))


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_a_host_without_a_service_principal(apache: Apache, client: Connect, ticket: str, method: str) -> None:
    url = apache.kerberos.replace(CM, "localhost")
    api = client(url, auth_method=method, validate_certs=False)
    said = refused(api)
    assert "the domain has no service HTTP/localhost; use the host name in url" in said
    assert "setspn -S HTTP/localhost" in said


def test_a_ticket_for_another_account(domain: Domain, client: Connect, ticket: str, tmp_path: Path) -> None:
    """The server cannot read it: its service principal is on another account than the one it runs as."""
    ca_file = tmp_path / "ca.pem"
    wrong = {**domain.environment, "KRB5_KTNAME": str(domain.keytabs["adfs.cm.test.local"])}
    with running("--host", CM, "--tls", "--ca-file", str(ca_file), "--auth", "kerberos", environment=wrong) as server:
        said = refused(connect(params(server.origin, ca_file, auth_method="kerberos")))
    assert "setspn -Q HTTP/host" in said


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed")
def test_a_clock_that_is_wrong(domain: Domain, apache: Apache, ticket: str) -> None:
    program = (
        "import json, sys\n"
        "from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect\n"
        "from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import AuthenticationFailed\n"
        "try:\n"
        "    connect(json.loads(sys.argv[1])).list_requests('None')\n"
        "except AuthenticationFailed as error:\n"
        "    print(error)\n"
    )
    given = json.dumps(params(apache.plain, apache.ca_file, auth_method="kerberos"))
    command = ["faketime", "-f", "+1h", sys.executable, "-c", program, given]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert "clock" in done.stdout, (done.stdout, done.stderr[-2000:])


# ---------------------------------------------------------------------------------------------------------------------
# Waiting


@pytest.fixture
def pending(server: Running) -> Iterator[None]:
    """A request that is approved after a while."""
    scenario = {"requests": [{"id": PENDING, "status": "Pending", "script": [{"after": 4, "status": "Approved"}]}]}
    put(f"{server.control}/scenario", scenario)
    yield
    put(f"{server.control}/scenario", {})


def put(url: str, value: Any) -> None:
    request = urllib.request.Request(
        url, json.dumps(value).encode(), {"Content-Type": "application/json"}, method="PUT"
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()


def wait(url: str, ca_path: Path, **given: Any) -> dict[str, Any]:
    spec = mimcm_request_wait.ARGUMENT_SPEC
    defaults = {name: option.get("default") for name, option in spec.items()}
    mine = {"request_ids": [PENDING], "wait_timeout": 30, "poll_interval": 0.05, "poll_interval_max": 0.05}
    return execute(mimcm_request_wait.run, {**defaults, **params(url, ca_path), **mine, **given}, False)


def test_a_wait_of_many_polls_signs_in_once(domain: Domain, apache: Apache, pending: None) -> None:
    apache.clear()
    login = {"username": "CMTEST\\automation", "password": domain.users["automation"]}
    result = wait(apache.negotiate, apache.ca_file, auth_method="ntlm", **login)
    assert result["reached"] == [PENDING], result
    assert result["polls"] >= 30
    assert statuses(apache).count(401) == 2
    assert result["http_calls"] == result["polls"] + 2


def test_a_sign_in_that_ends_in_a_wait_is_renewed(domain: Domain, apache: Apache, pending: None) -> None:
    """Apache drops its connections, and with them who was signed in, as a server does that is restarted."""
    login = {"username": "CMTEST\\automation", "password": domain.users["automation"]}
    apache.clear()
    restart = threading.Timer(1.5, apache.restart)
    restart.start()
    result = wait(apache.negotiate, apache.ca_file, auth_method="ntlm", **login)
    restart.join()
    assert result["reached"] == [PENDING], result
    assert statuses(apache).count(401) >= 4


# ---------------------------------------------------------------------------------------------------------------------
# AD FS behind the same sign-in


@pytest.mark.parametrize("way", ["ticket cache", "password", "keytab"])
def test_a_ticket_gets_a_token(
    domain: Domain, apache: Apache, token_key: Path, tmp_path: Path, way: str, request: pytest.FixtureRequest
) -> None:
    if way == "ticket cache":
        request.getfixturevalue("ticket")
    federation = {
        "auth_method": "adfs",
        "adfs_url": apache.adfs,
        "client_id": "public",
        "redirect_uri": "https://automation.test/mimcm",
        "resource": "https://cm.cm.test.local/certificatemanagement",
    }
    token = connect(params(apache.open, apache.ca_file, **federation, **kerberos_logins(domain)[way])).acquire_token()
    claims = json.loads(base64.urlsafe_b64decode(token.access.split(".")[1] + "=="))
    assert claims["upn"].lower() == "automation@cm.test.local"
    ca_file = tmp_path / "ca.pem"
    believes = ["--auth", "token", "--token-key", str(token_key), "--token-audience", federation["resource"]]
    with running("--host", CM, "--tls", "--ca-file", str(ca_file), *believes) as server:
        given = params(server.origin, ca_file, auth_method="token", token=token.access)
        assert connect(given).list_requests() is not None


# ---------------------------------------------------------------------------------------------------------------------
# As users do it


def test_a_playbook_signs_in_every_way(domain: Domain, apache: Apache, ticket: str, tmp_path: Path) -> None:
    program = shutil.which(
        "ansible-playbook", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    assert program is not None
    secret = tmp_path / "vars.json"
    names = {"negotiate": apache.negotiate, "kerberos": apache.kerberos, "ca": str(apache.ca_file)}
    given = {**names, "keytab": str(domain.client_keytab), "password": domain.users["automation"]}
    secret.write_text(json.dumps({f"test_{name}": value for name, value in given.items()}))
    playbook = Path(__file__).with_name("sign_in.yml")
    environment = {**os.environ, "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"), "ANSIBLE_REMOTE_TEMP": str(tmp_path)}
    command = [program, "-i", "localhost,", "-e", f"@{secret}", "-vvv", str(playbook)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "signed in to cm.cm.test.local: kerberos under the scheme Negotiate" in done.stdout
    assert "signed in to cm.cm.test.local: ntlm under the scheme N" in done.stdout
    assert domain.users["automation"] not in done.stdout + done.stderr

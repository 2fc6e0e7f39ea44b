# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos against a realm of its own; skipped where MIT Kerberos or its Python packages are missing."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.connect import connect
from ansible_collections.certops.mimcm.tests.unit.helpers import params
from ansible_collections.certops.mimcm.tests.unit.socks_proxy import socks_proxy

pytest.importorskip("gssapi")
pytest.importorskip("krb5")


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    from mimcm_simulator import realm

    if realm.missing():
        pytest.skip(f"MIT Kerberos is not installed: {', '.join(realm.missing())}")
    with realm.realm(tmp_path_factory.mktemp("realm")) as found:
        yield found


@pytest.fixture(scope="module")
def secured(variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A reference server that wants Kerberos bound to its TLS connection: its address and its CA."""
    from mimcm_simulator.launch import running

    ca_path = str(tmp_path_factory.mktemp("tls") / "ca.pem")
    arguments = ["--tls", "--ca-file", ca_path, "--auth", "kerberos", "--require-channel-bindings"]
    with running(*arguments, environment=variables) as server:
        yield server.origin.replace("127.0.0.1", "localhost"), ca_path


@pytest.fixture
def ticket(variables: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("KRB5_KTNAME")
    return monkeypatch


def client(secured: tuple[str, str], **given: Any) -> Client:
    return connect(params(**{"url": secured[0], "ca_path": secured[1], "retries": 0, **given}))


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_the_ticket_is_used(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("certops.mimcm")
    ticket.setattr(logger, "propagate", True)
    with caplog.at_level(logging.DEBUG, "certops.mimcm"):
        api = client(secured, auth_method=method)
        for _turn in range(3):
            assert api.list_requests()
    assert "signed in to localhost: kerberos under the scheme Negotiate" in caplog.text


def test_the_ticket_is_used_through_a_socks_proxy(secured: tuple[str, str], ticket: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socks")
    for name in ("no_proxy", "NO_PROXY"):
        ticket.delenv(name, raising=False)
    with socks_proxy() as proxy:
        ticket.setenv("ALL_PROXY", f"socks5h://{proxy.address}")
        api = client(secured, auth_method="kerberos")
        assert api.list_requests()
        assert [host for host, port in proxy.asked] == ["localhost"]


def test_a_password_gets_a_ticket_of_its_own(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from mimcm_simulator.realm import PASSWORD, PRINCIPAL

    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    assert client(secured, auth_method="kerberos", username=PRINCIPAL, password=PASSWORD).list_requests()
    assert not (tmp_path / "empty").exists()


def test_a_wrong_password(secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from mimcm_simulator.realm import PRINCIPAL

    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    with pytest.raises(errors.AuthenticationFailed, match="auth_method kerberos failed on this side") as caught:
        client(secured, auth_method="kerberos", username=PRINCIPAL, password="wr0ng-wr0ng").list_requests()
    assert "wr0ng" not in str(caught.value)


def test_kerberos_speaks_first(secured: tuple[str, str], ticket: pytest.MonkeyPatch) -> None:
    """One HTTP request for each call, also over TLS, where the token is bound to the server's certificate."""
    for method, extra in (("kerberos", 0), ("negotiate", 1)):
        api = client(secured, auth_method=method)
        for _turn in range(5):
            api.list_requests(status="None")
        assert api.http_calls == 5 + extra


def test_one_ticket_serves_a_session(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, variables: dict[str, str], tmp_path: Path
) -> None:
    from mimcm_simulator.realm import PASSWORD, PRINCIPAL

    log = Path(variables["KRB5_CONFIG"]).with_name("requests.log")

    def logins() -> int:
        return sum("AS_REQ" in line and "ISSUE" in line for line in log.read_text().splitlines())

    before = logins()
    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    api = client(secured, auth_method="kerberos", username=PRINCIPAL, password=PASSWORD)
    for _turn in range(5):
        api.list_requests(status="None")
    assert logins() - before == 1


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
@pytest.mark.parametrize("username", [None, "alice@EXAMPLE.TEST"])
def test_a_keytab(
    secured: tuple[str, str],
    ticket: pytest.MonkeyPatch,
    variables: dict[str, str],
    tmp_path: Path,
    method: str,
    username: str | None,
) -> None:
    from mimcm_simulator.realm import USER_KEYTAB

    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    keytab = str(Path(variables["KRB5_CONFIG"]).with_name(USER_KEYTAB))
    assert client(secured, auth_method=method, keytab=keytab, username=username).list_requests()


def test_a_named_ticket_cache(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, variables: dict[str, str], tmp_path: Path
) -> None:
    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    assert client(secured, auth_method="kerberos", ticket_cache=variables["KRB5CCNAME"]).list_requests()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"username": "alice@EXAMPLE.TEST", "password": "wr0ng-wr0ng"},
            r"password or the keytab of alice@\S+ is wrong",
        ),
        ({"username": "bob@EXAMPLE.TEST", "password": "wr0ng-wr0ng"}, r"no account bob@EXAMPLE\.TEST"),
        ({"username": "bob@ELSEWHERE.TEST", "password": "wr0ng-wr0ng"}, r"no domain controller .* krb5\.conf"),
        ({"keytab": "alice.keytab", "username": "bob@EXAMPLE.TEST"}, r"no key for bob@EXAMPLE\.TEST;.*klist -k"),
        ({"keytab": "krb5.conf"}, r"is not a keytab;.*klist -k"),
        ({"ticket_cache": "FILE:/nonexistent"}, r"no Kerberos ticket; run kinit NAME@REALM"),
        ({"url": "127.0.0.1"}, r"no service HTTP/127\.0\.0\.1; .*setspn -S HTTP/127\.0\.0\.1"),
    ],
    ids=["wrong password", "unknown account", "unknown realm", "wrong key", "no keytab", "no ticket", "no service"],
)
def test_what_went_wrong_and_what_to_run(
    secured: tuple[str, str],
    ticket: pytest.MonkeyPatch,
    variables: dict[str, str],
    given: dict[str, str],
    said: str,
) -> None:
    if "keytab" in given:
        given = {**given, "keytab": str(Path(variables["KRB5_CONFIG"]).with_name(given["keytab"]))}
    if "url" in given:
        given = {"url": secured[0].replace("localhost", given["url"])}
    with pytest.raises(errors.AuthenticationFailed, match=said) as caught:
        client(secured, auth_method="kerberos", **given).list_requests()
    message = str(caught.value)
    assert "wr0ng" not in message
    assert (message.count(". "), message[-1]) == (0, ".")


# Kerberos has no clock but the system's. A ticket must still be good for the first call on a machine that is busy, and
# have ended, with the second by which clocks may differ, after the pause; a longer one does no harm.
LIFETIME = 5
PAUSE = LIFETIME + 2


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_an_expired_ticket(secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path, method: str) -> None:
    from mimcm_simulator.realm import PASSWORD, PRINCIPAL

    cache = str(tmp_path / "short")
    command = ["kinit", "-l", "1s", "-c", cache, PRINCIPAL]
    subprocess.run(command, check=True, capture_output=True, text=True, input=f"{PASSWORD}\n")
    while subprocess.run(["klist", "-s", "-c", cache], check=False).returncode == 0:
        time.sleep(0.1)
    ticket.setenv("KRB5CCNAME", cache)
    with pytest.raises(errors.AuthenticationFailed, match=r"ticket has expired; run kinit NAME@REALM again"):
        client(secured, auth_method=method).list_requests()


def test_a_ticket_that_expires_in_a_session_is_renewed(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a password or a keytab nobody notices; tickets live for seconds in this test."""
    from mimcm_simulator.realm import PASSWORD, PRINCIPAL

    config = tmp_path / "krb5.conf"
    short = f"[libdefaults]\nticket_lifetime = {LIFETIME}s\nclockskew = 1\n"
    config.write_text(Path(os.environ["KRB5_CONFIG"]).read_text().replace("[libdefaults]\n", short))
    ticket.setenv("KRB5_CONFIG", str(config))
    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    api = client(secured, auth_method="kerberos", username=PRINCIPAL, password=PASSWORD)
    for pause in (0.0, PAUSE):
        time.sleep(pause)
        assert api.list_requests()


def test_a_domain_controller_that_is_away_for_a_while(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The ticket ends while nobody can give a new one: nobody is refused for it, and it goes on afterwards."""
    from mimcm_simulator.realm import PASSWORD, PRINCIPAL

    config = tmp_path / "krb5.conf"
    text = Path(os.environ["KRB5_CONFIG"]).read_text()
    there = text.replace("[libdefaults]\n", f"[libdefaults]\nticket_lifetime = {LIFETIME}s\nclockskew = 1\n")
    config.write_text(there)
    ticket.setenv("KRB5_CONFIG", str(config))
    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    api = client(secured, auth_method="kerberos", username=PRINCIPAL, password=PASSWORD)
    assert api.list_requests()
    config.write_text(re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:9", there))
    time.sleep(PAUSE)
    with pytest.raises(errors.DirectoryUnreachable, match="no domain controller of the realm answers") as caught:
        api.list_requests()
    assert caught.value.recovery is errors.Recovery.ONCE_ANSWERED
    config.write_text(there)
    assert api.list_requests()


@pytest.mark.parametrize("method", ["kerberos", "negotiate"])
def test_without_a_ticket_the_remedy_is_named(
    secured: tuple[str, str], ticket: pytest.MonkeyPatch, tmp_path: Path, method: str
) -> None:
    ticket.setenv("KRB5CCNAME", str(tmp_path / "empty"))
    with pytest.raises(errors.AuthenticationFailed, match="kinit"):
        client(secured, auth_method=method).list_requests()

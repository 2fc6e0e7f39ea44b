# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The peers themselves, asked without the collection: what its tests build on is true."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import spnego
import spnego.exceptions
from mimcm_directory.apache import CM, KERBEROS, NEGOTIATE, Apache
from mimcm_directory.domain import Domain

ROUTE = "/CertificateManagement/api/v1.0/profiletemplates"


@pytest.fixture
def session(apache: Apache) -> Iterator[requests.Session]:
    apache.clear()
    with requests.Session() as out:
        # Neither proxies nor netrc nor other CAs of this machine.
        out.trust_env = False
        out.verify = str(apache.ca_file)
        yield out


@pytest.fixture
def ticket(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = domain.kinit("automation", domain.users["automation"], tmp_path / "cache")
    use(monkeypatch, variables)


def use(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def kerberos(protocol: str = "kerberos", host: str = CM) -> dict[str, str]:
    token = spnego.client(hostname=host, service="HTTP", protocol=protocol).step()
    assert token is not None
    return {"Authorization": f"Negotiate {base64.b64encode(token).decode()}"}


def by_ntlm(
    session: requests.Session, url: str, user: str, password: str, scheme: str = "NTLM", protocol: str = "ntlm"
) -> requests.Response:
    """Go through the handshake by hand, on one connection."""
    context = spnego.client(user, password, hostname=CM, service="HTTP", protocol=protocol)
    answer = None
    while True:
        token = context.step(answer)
        assert token is not None
        header = f"{scheme} {base64.b64encode(token).decode()}"
        response = session.get(url, headers={"Authorization": header}, timeout=10)
        challenges = response.headers.get("WWW-Authenticate", "").split(", ")
        offered = [value.removeprefix(f"{scheme} ") for value in challenges if value.startswith(f"{scheme} ")]
        if response.status_code != 401 or not offered:
            return response
        answer = base64.b64decode(offered[0])


def offered(response: requests.Response) -> set[str]:
    assert response.status_code == 401
    return set(response.headers["WWW-Authenticate"].split(", "))


@pytest.mark.usefixtures("ticket")
@pytest.mark.parametrize("site", ["kerberos", "plain", "negotiate"])
@pytest.mark.parametrize("protocol", ["kerberos", "negotiate"])
def test_a_ticket_signs_in(apache: Apache, session: requests.Session, site: str, protocol: str) -> None:
    response = session.get(getattr(apache, site) + ROUTE, headers=kerberos(protocol), timeout=10)
    assert response.status_code == 200
    assert response.headers["X-Remote-User"] == "automation@CM.TEST.LOCAL"
    assert response.headers["WWW-Authenticate"].startswith("Negotiate ")
    assert response.json()


@pytest.mark.usefixtures("ticket")
def test_only_the_first_request_signs_in_where_the_connection_is_bound(
    apache: Apache, session: requests.Session
) -> None:
    first = session.get(apache.negotiate + ROUTE, headers=kerberos(), timeout=10)
    second = session.get(apache.negotiate + ROUTE, timeout=10)
    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["X-Remote-User"] == "automation@CM.TEST.LOCAL"
    seen = apache.requests()
    assert [(one.port, one.reuse, one.status, one.path) for one in seen] == [
        (NEGOTIATE, 0, 200, ROUTE),
        (NEGOTIATE, 1, 200, ROUTE),
    ]
    assert len({one.client_port for one in seen}) == 1
    assert {one.user for one in seen} == {"automation@CM.TEST.LOCAL"}


@pytest.mark.usefixtures("ticket")
def test_every_request_signs_in_elsewhere(apache: Apache, session: requests.Session) -> None:
    assert session.get(apache.kerberos + ROUTE, headers=kerberos(), timeout=10).status_code == 200
    assert session.get(apache.kerberos + ROUTE, timeout=10).status_code == 401
    assert [(one.port, one.reuse, one.status) for one in apache.requests()] == [(KERBEROS, 0, 200), (KERBEROS, 1, 401)]
    apache.clear()
    assert apache.requests() == []


@pytest.mark.usefixtures("ticket")
def test_a_replayed_ticket_is_refused(apache: Apache, session: requests.Session) -> None:
    header = kerberos()
    assert session.get(apache.kerberos + ROUTE, headers=header, timeout=10).status_code == 200
    assert session.get(apache.kerberos + ROUTE, headers=header, timeout=10).status_code == 401


@pytest.mark.parametrize(("scheme", "protocol"), [("NTLM", "ntlm"), ("Negotiate", "ntlm"), ("Negotiate", "negotiate")])
def test_ntlm_with_the_password_of_the_domain(
    apache: Apache, domain: Domain, session: requests.Session, scheme: str, protocol: str
) -> None:
    user = rf"{domain.workgroup}\approver"
    response = by_ntlm(session, apache.negotiate + ROUTE, user, domain.users["approver"], scheme, protocol)
    assert response.status_code == 200
    assert response.headers["X-Remote-User"] == user
    assert session.get(apache.negotiate + ROUTE, timeout=10).headers["X-Remote-User"] == user
    assert [one.status for one in apache.requests()] == [401, 200, 200]


@pytest.mark.parametrize("scheme", ["NTLM", "Negotiate"])
def test_ntlm_with_a_wrong_password(apache: Apache, session: requests.Session, scheme: str) -> None:
    response = by_ntlm(session, apache.negotiate + ROUTE, r"CMTEST\approver", "wrong", scheme)
    assert response.status_code == 401
    assert "X-Remote-User" not in response.headers


def test_what_is_offered_to_strangers(apache: Apache, session: requests.Session) -> None:
    assert offered(session.get(apache.kerberos + ROUTE, timeout=10)) == {"Negotiate"}
    assert offered(session.get(apache.plain + ROUTE, timeout=10)) == {"Negotiate"}
    assert offered(session.get(apache.negotiate + ROUTE, timeout=10)) == {"Negotiate", "NTLM"}
    assert session.get(apache.open + ROUTE, timeout=10).status_code == 200


def test_federation_asks_who_is_there_at_one_path(apache: Apache, session: requests.Session) -> None:
    forged = {"X-Remote-User": "administrator"}
    asked = session.get(f"{apache.adfs}/adfs/oauth2/authorize", headers=forged, timeout=10)
    assert offered(asked) == {"Negotiate", "NTLM"}
    assert session.get(f"{apache.adfs}/adfs/discovery/keys", timeout=10).status_code == 200


def test_keys_of_each_service_are_in_their_file(domain: Domain) -> None:
    for host, keytab in domain.keytabs.items():
        assert host.encode().split(b".")[0] in keytab.read_bytes()
        assert keytab.read_bytes() != domain.service_keytab.read_bytes()


def test_a_short_ticket_ends(
    apache: Apache, domain: Domain, session: requests.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = domain.kinit_with_keytab(
        "automation", domain.client_keytab, tmp_path / "cache", lifetime="2s", service=f"HTTP/{CM}"
    )
    use(monkeypatch, variables)
    assert session.get(apache.kerberos + ROUTE, headers=kerberos(), timeout=10).status_code == 200
    header = kerberos()
    # Two seconds of the ticket, and two that clocks may differ.
    time.sleep(5)
    assert session.get(apache.kerberos + ROUTE, headers=header, timeout=10).status_code == 401


def test_an_expired_ticket_gets_no_other(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variables = domain.kinit("automation", domain.users["automation"], tmp_path / "cache", lifetime="90s")
    use(monkeypatch, variables)
    with pytest.raises(spnego.exceptions.SpnegoError, match="Ticket expired"):
        kerberos()


def test_a_wrong_password_gets_no_ticket(domain: Domain, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="kinit"):
        domain.kinit("automation", "wrong", tmp_path / "other")


def test_passwords_are_not_shown(domain: Domain) -> None:
    assert all(password not in repr(domain) for password in domain.users.values())

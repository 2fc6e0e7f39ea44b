# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client over a real connection to the reference server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.tests.unit.helpers import client, control, fault

APPROVED = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
OTHER = "0c96d73f-967b-420e-854a-43ad2a1504bc"
UNKNOWN = "99999999-0000-4000-8000-000000000001"
CARD = "22222222-0000-4000-8000-000000000001"
BOUND = "11111111-0000-4000-8000-000000000001"
CARD_ID = "33333333-0000-4000-8000-000000000001"
PIN = "00736214985"
SECRET = "5ecret-5ecret"


@pytest.fixture
def card(server: Any) -> Any:
    def give(**properties: Any) -> Any:
        smartcard = {"id": CARD, "card_id": CARD_ID, "atr": "3b8d", "pin": PIN, **properties}
        bound = {"id": BOUND, "status": "Executing", "smartcard": CARD}
        control(server, "scenario", {"smartcards": [smartcard], "requests": [bound]}, "PUT")
        return server

    return give


def test_list_get_and_unknown(server: Any) -> None:
    api = client(server)
    assert {found["uuid"] for found in api.list_requests()} >= {APPROVED, OTHER}
    assert api.list_requests(status="Denied") == []
    found = api.get_request(APPROVED)
    assert found is not None
    assert found["status"] == "Approved"
    assert api.get_request(UNKNOWN) is None
    assert api.http_calls == control(server, "calls", method="GET")["total"]


@pytest.mark.parametrize("pin", [PIN, "0042", 'Pa$$ wörd"1'])
def test_pin_is_a_string(card: Any, pin: str) -> None:
    assert client(card(pin=pin)).get_server_proposed_pin(CARD) == pin


def test_pin_that_the_user_chooses(card: Any) -> None:
    assert client(card(pin=None)).get_server_proposed_pin(CARD) is None


def test_everything_about_the_card_is_sent(card: Any) -> None:
    server = card()
    given = {"atr": "3b8d", "card_id": CARD_ID, "challenge": "z6p+/Yu9JQA="}
    assert client(server).get_server_proposed_pin(CARD, request_id=BOUND, **given) == PIN
    call = control(server, "log", method="GET")[-1]
    assert f"/requests/{BOUND}/smartcards/{CARD}/serverproposedpin" in call["path"].lower()
    assert "z6p%2B%2FYu9JQA%3D" in call["query"] or "z6p+/Yu9JQA=" in str(call["query"])


def test_unknown_card(card: Any) -> None:
    with pytest.raises(
        errors.NotFound, match=r"answers other calls, so there is no such item, or .*; set request_id: "
    ):
        client(card()).get_server_proposed_pin(UNKNOWN)
    with pytest.raises(errors.NotFound, match=f"this address, and neither is its address under request {BOUND}"):
        client(card()).get_server_proposed_pin(UNKNOWN, request_id=BOUND)


def test_forbidden_pin_names_the_group(card: Any) -> None:
    with pytest.raises(errors.Forbidden, match=r"does not permit reading the proposed PIN.*SensitiveApiGroup"):
        client(card(pin_forbidden=True)).get_server_proposed_pin(CARD)


@pytest.mark.parametrize("kind", ["html", "garbage", "truncate"])
def test_a_broken_answer_never_shows_the_pin(card: Any, kind: str) -> None:
    server = card()
    fault(server, kind=kind)
    with pytest.raises(errors.MimcmError) as caught:
        client(server).get_server_proposed_pin(CARD)
    assert PIN not in str(caught.value) + repr(caught.value.__context__) + repr(caught.value.details)


@pytest.mark.parametrize(
    ("given", "kind", "says"),
    [
        ({"kind": "reset"}, errors.ConnectionFailed, "Could not reach .* while listing requests: connection reset"),
        (
            {"kind": "status", "status": 503},
            errors.ServerUnavailable,
            r"temporarily unavailable \(503 .*while listing requests",
        ),
        ({"kind": "html", "status": 502}, errors.ServerUnavailable, r"\(502 "),
        ({"kind": "html"}, errors.InvalidAnswer, "not JSON .*text/html.*check url and api_path"),
        ({"kind": "garbage"}, errors.InvalidAnswer, "not JSON"),
        ({"kind": "truncate"}, errors.ConnectionFailed, "broke off before the answer was complete"),
        ({"kind": "hold"}, errors.ConnectionFailed, "no answer within 0.5 s"),
        ({"kind": "status", "status": 403}, errors.Forbidden, "needs Read on the profile templates"),
        ({"kind": "status", "status": 418}, errors.RequestRejected, "418"),
        ({"kind": "unauthorized"}, errors.AuthenticationFailed, "refused auth_method none"),
    ],
)
def test_faults(server: Any, given: dict[str, Any], kind: type[errors.MimcmError], says: str) -> None:
    fault(server, **given)
    timeout = 0.5 if given["kind"] == "hold" else 60
    with pytest.raises(kind, match=says) as caught:
        client(server, timeout=timeout).list_requests()
    assert caught.type is kind
    assert "Traceback" not in str(caught.value)


def test_server_error_has_the_correlation_id(server: Any) -> None:
    control(server, "scenario", {"requests": [{"id": UNKNOWN, "broken": True}]}, "PUT")
    with pytest.raises(errors.ServerError, match=r"find correlation id") as caught:
        client(server).get_request(UNKNOWN)
    assert caught.value.details["correlation_id"] in str(caught.value)
    assert caught.value.details["http_status"] == 500


def test_the_api_that_is_not_there_is_no_unknown_request(server: Any) -> None:
    api = client(server, api_path="/elsewhere")
    for call in (api.list_requests, lambda: api.get_request(APPROVED)):
        with pytest.raises(errors.NotFound, match=r"the API is not enabled there .*or api_path is wrong"):
            call()


def test_nothing_listens(server: Any) -> None:
    with pytest.raises(errors.ConnectionFailed, match=r"Could not reach http://127\.0\.0\.1:1 .*connection refused"):
        client(server, url="http://127.0.0.1:1").list_requests()


def test_host_that_does_not_resolve(server: Any) -> None:
    with pytest.raises(errors.HostUnknown, match="does not resolve"):
        client(server, url="http://no-such-host.invalid").list_requests()


def test_reads_are_retried(server: Any) -> None:
    fault(server, kind="status", status=503, times=1, retry_after=0)
    fault(server, kind="reset", times=1)
    assert client(server, retries=3).list_requests()


def test_a_limited_call_is_not_retried(server: Any) -> None:
    fault(server, kind="status", status=503, times=1, retry_after=0)
    api = client(server, retries=3)
    with api.limited_to(5), pytest.raises(errors.ServerUnavailable) as caught:
        api.list_requests()
    assert caught.value.retry_after == 0
    assert api.list_requests()


def test_a_limited_call_ends_in_time(server: Any) -> None:
    fault(server, kind="hold")
    api = client(server)
    with api.limited_to(0), pytest.raises(errors.ConnectionFailed, match=r"no answer within (1|0\.\d+) s"):
        api.list_requests()


def test_cookies_are_kept(server: Any) -> None:
    api = client(server)
    api.list_requests()
    assert "ASP.NET_SessionId" in api._transport._sessions[0]._session.cookies


def test_netrc_is_not_read(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login alice password {SECRET}")
    monkeypatch.setenv("NETRC", str(netrc))
    seen = []
    api = client(server)
    session = api._transport._sessions[0]._session
    session.hooks["response"].append(lambda response, **kwargs: seen.append(response.request.headers))
    api.list_requests()
    assert "Authorization" not in seen[0]


def test_redirects_are_not_followed(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(server, kind="status", status=302)
    with pytest.raises(errors.RequestRejected, match="redirects are not followed"):
        client(server).list_requests()


@pytest.fixture(scope="module")
def ca_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("tls") / "ca.pem")


@pytest.fixture(scope="module")
def secured(ca_path: str) -> Iterator[Any]:
    """A reference server with TLS that wants Windows authentication bound to it."""
    from mimcm_simulator.launch import running

    options_ = ["--tls", "--ca-file", ca_path, "--auth", "ntlm,negotiate", "--user", rf"CONTOSO\alice:{SECRET}"]
    with running(*options_, "--require-channel-bindings") as server:
        yield server


ALICE = {"username": r"CONTOSO\alice", "password": SECRET}


@pytest.mark.parametrize("method", ["ntlm", "negotiate"])
def test_windows_login_with_channel_bindings_is_once_a_connection(secured: Any, ca_path: str, method: str) -> None:
    control(secured, "reset-calls")
    url = secured.origin.replace("127.0.0.1", "localhost")
    api = client(secured, url=url, ca_path=ca_path, auth_method=method, **ALICE)
    for _turn in range(3):
        assert api.list_requests()
    calls = control(secured, "calls", method="GET")
    assert calls["total"] == 3
    assert calls["handshakes"] == 1
    assert api.http_calls == 5


@pytest.mark.parametrize("method", ["ntlm", "negotiate"])
def test_a_wrong_password_is_tried_once(secured: Any, ca_path: str, method: str) -> None:
    control(secured, "reset-calls")
    wrong = {**ALICE, "password": "wr0ng-wr0ng"}
    api = client(secured, ca_path=ca_path, auth_method=method, **wrong)
    for _turn in range(3):
        with pytest.raises(
            errors.AuthenticationFailed, match=rf"refused auth_method {method}.*offers .*NTLM"
        ) as caught:
            api.list_requests()
        assert "wr0ng" not in str(caught.value) + repr(caught.value.details)
    assert control(secured, "calls", method="GET")["handshakes"] <= 1
    assert api.http_calls == 3


def test_a_wrong_password_is_tried_once_for_many(secured: Any, ca_path: str) -> None:
    control(secured, "reset-calls")
    api = client(secured, ca_path=ca_path, auth_method="ntlm", **{**ALICE, "password": "wr0ng-wr0ng"})
    with pytest.raises(errors.AuthenticationFailed):
        list(api.each(api.get_request, [APPROVED, OTHER] * 10))
    assert control(secured, "calls", method="GET")["handshakes"] <= 1
    assert api.http_calls == 3


def test_a_password_that_is_changed_meanwhile_is_tried_once_on_all_connections(secured: Any, ca_path: str) -> None:
    api = client(secured, ca_path=ca_path, auth_method="ntlm", **ALICE)
    assert len([found for _id, found in api.each(api.get_request, [APPROVED, OTHER] * 10) if found]) == 20
    control(secured, "reset-calls")
    # Everybody has to sign in again, and the password is another one than the server's by now.
    fault(secured, kind="unauthorized")
    try:
        with pytest.raises(errors.AuthenticationFailed, match="refused auth_method ntlm"):
            list(api.each(api.get_request, [APPROVED, OTHER] * 10))
    finally:
        control(secured, "faults", method="DELETE")
    sent = [entry for entry in control(secured, "log", method="GET") if entry["status"] == 401]
    # Four calls were under way; one of them went on to the two legs of a handshake. One more, without a password, found
    # out whether the refusal was about one request alone.
    assert len(sent) <= 4 + 2 + 1


def test_a_401_for_one_item_is_about_that_item(server: Any) -> None:
    fault(server, kind="unauthorized", match=f"/requests/{OTHER}")
    api = client(server, auth_method="none")
    told = rf"does not permit reading request {OTHER} \(401\), although"
    with api.reading_several(), pytest.raises(errors.ItemForbidden, match=told) as caught:
        api.get_request(OTHER)
    assert caught.value.details["http_status"] == 401
    assert api.get_request(APPROVED)


def test_a_401_for_one_item_takes_no_further_attempt_with_a_password(secured: Any, ca_path: str) -> None:
    api = client(secured, ca_path=ca_path, auth_method="ntlm", **ALICE)
    assert len([found for _id, found in api.each(api.get_request, [APPROVED] * 20) if found]) == 20
    connections = control(secured, "calls", method="GET")["handshakes"]
    assert connections > 1, "another connection that has signed in can be asked"
    fault(secured, kind="unauthorized", match=f"/requests/{OTHER}")
    try:
        with api.reading_several(), pytest.raises(errors.ItemForbidden):
            api.get_request(OTHER)
        assert len([found for _id, found in api.each(api.get_request, [APPROVED] * 20) if found]) == 20
    finally:
        control(secured, "faults", method="DELETE")


def test_a_401_for_everything_is_about_the_account(server: Any) -> None:
    fault(server, kind="unauthorized")
    api = client(server, auth_method="none")
    with api.reading_several(), pytest.raises(errors.AuthenticationFailed):
        api.get_request(OTHER)
    assert api.http_calls == 2
    with api.reading_several(), pytest.raises(errors.AuthenticationFailed):
        api.get_request(OTHER)
    assert api.http_calls == 2


@pytest.mark.parametrize("method", ["ntlm", "negotiate"])
def test_each_connection_signs_in_once(secured: Any, ca_path: str, method: str) -> None:
    control(secured, "reset-calls")
    api = client(secured, ca_path=ca_path, auth_method=method, **ALICE)
    assert len([found for _id, found in api.each(api.get_request, [APPROVED, OTHER] * 20) if found]) == 40
    calls = control(secured, "calls", method="GET")
    assert calls["connections"] == calls["handshakes"] <= 4
    assert api.http_calls == 40 + 2 * calls["connections"]


def test_what_a_server_offers_is_named(secured: Any, ca_path: str) -> None:
    with pytest.raises(
        errors.AuthenticationFailed, match="offers Negotiate, NTLM; set auth_method to negotiate or ntlm"
    ):
        client(secured, ca_path=ca_path).list_requests()


def test_unknown_authority(secured: Any) -> None:
    with pytest.raises(errors.CertificateRejected, match=r"is not trusted .*set ca_path"):
        client(secured, auth_method="ntlm", **ALICE).list_requests()


def test_unchecked_certificate(secured: Any) -> None:
    assert client(secured, validate_certs=False, auth_method="ntlm", **ALICE).list_requests()


def test_environment_names_the_authority(secured: Any, ca_path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", ca_path)
    assert client(secured, auth_method="ntlm", **ALICE).list_requests()


def test_token(tmp_path: Path) -> None:
    from mimcm_simulator.launch import running

    with running("--auth", "token", environment={"MIMCM_SIMULATOR_TOKEN": SECRET}) as server:
        allowed = {"auth_method": "token", "allow_http_credentials": True}
        assert client(server, token=SECRET, **allowed).list_requests()
        with pytest.raises(errors.AuthenticationFailed, match="and offers Bearer; check the credentials") as caught:
            client(server, token="0ther", **allowed).list_requests()
        assert "0ther" not in str(caught.value)

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lifecycle of requests, and what the server refuses."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import requests
from mimcm_simulator.launch import Running, running

TEMPLATE = "2b7044cf-aa96-4911-b886-177947e9271b"
ONE = "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a1001"
TWO = "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a1002"
NOBODY = "5b0c1a52-7d1e-4c39-9f0a-2e6f3d8a1fff"
DAYS = ("Submitted", "Completed")
ENROL: dict[str, Any] = {"type": "Enroll", "profiletemplateuuid": TEMPLATE, "comment": ""}


def scenario(server: Running, **content: Any) -> None:
    requests.put(f"{server.control}/scenario", json=content, timeout=5).raise_for_status()


def create(server: Running, **changes: Any) -> requests.Response:
    body = {name: value for name, value in {**ENROL, **changes}.items() if value is not ...}
    return requests.post(f"{server.url}/requests", json=body, timeout=5)


def approve(server: Running, identifier: str, status: Any, **more: Any) -> requests.Response:
    return requests.post(f"{server.control}/requests/{identifier}", json={"status": status, **more}, timeout=5)


def end(server: Running, identifier: str, status: str) -> requests.Response:
    return requests.put(f"{server.url}/requests/{identifier}", json={"status": status}, timeout=5)


def get(server: Running, path: str, **query: str) -> requests.Response:
    return requests.get(f"{server.url}{path}", params=query, timeout=5)


def status(server: Running, identifier: str) -> int:
    return int(get(server, f"/requests/{identifier}").json()["Status"])


def stop(server: Running) -> Any:
    return requests.post(f"{server.control}/clock", json={"stopped": True}, timeout=5).json()


def turn(server: Running, seconds: float) -> None:
    requests.post(f"{server.control}/clock", json={"advance": seconds}, timeout=5).raise_for_status()


def moment(text: str) -> tuple[datetime.datetime, float]:
    """A time of the API, whose fraction has as many digits as it needs."""
    whole, _point, fraction = text.rstrip("Z").partition(".")
    return datetime.datetime.fromisoformat(whole), float(f"0.{fraction or 0}")


def test_whole_life(server: Running) -> None:
    answer = create(server)
    assert answer.status_code == 201
    identifier = answer.json().removeprefix("api/v1.0/requests/")
    assert status(server, identifier) == 16
    assert end(server, identifier, "Completed").status_code == 500
    assert approve(server, identifier, "Executing").status_code == 409
    assert approve(server, identifier, "Approved").status_code == 200
    assert end(server, identifier, "Completed").status_code == 500
    assert approve(server, identifier, "Executing").status_code == 200
    done = end(server, identifier, "Completed").json()
    assert done["Status"] == 8
    assert moment(done["Completed"]) >= moment(done["Submitted"])
    assert end(server, identifier, "Canceled").status_code == 500


@pytest.mark.parametrize(
    ("start", "ending", "expected"),
    [
        ("Pending", "Canceled", 17),
        ("Pending", "Abandoned", None),
        ("Approved", "Canceled", 17),
        ("Approved", "Abandoned", 9),
        ("Executing", "Abandoned", 9),
        ("Executing", "Canceled", 17),
        ("Denied", "Canceled", None),
        ("Failed", "Abandoned", None),
    ],
)
def test_endings(server: Running, start: str, ending: str, expected: int | None) -> None:
    scenario(server, requests=[{"id": ONE, "status": start}])
    answer = end(server, ONE, ending)
    assert (answer.json()["Status"] if answer.ok else None) == expected
    if expected is None:
        assert answer.status_code == 500
        assert "Correlation ID: " in answer.json()["Message"]


def test_force_and_unknown_status_numbers(server: Running) -> None:
    scenario(server, requests=[{"id": ONE, "status": "Denied"}])
    assert approve(server, ONE, "Approved").status_code == 409
    assert approve(server, ONE, 77, force=True).json()["Status"] == 77


def test_script(server: Running) -> None:
    steps = [{"after": 100, "status": "Approved"}, {"after": 200, "status": 42}, {"after": 300, "status": "Failed"}]
    stop(server)
    scenario(server, requests=[{"id": ONE, "script": steps}])
    seen: list[int] = []
    for seconds in (0, 99, 1, 99, 1, 99, 1):
        turn(server, seconds)
        seen.append(status(server, ONE))
    assert seen == [16, 16, 3, 3, 42, 42, 9]


def test_a_script_does_not_revive_what_was_canceled(server: Running) -> None:
    scenario(server, requests=[{"id": ONE, "script": [{"after": 600, "status": "Approved"}]}])
    end(server, ONE, "Canceled")
    turn(server, 601)
    assert status(server, ONE) == 17


def test_what_a_script_does_is_dated_as_it_was_due(server: Running) -> None:
    stop(server)
    scenario(server, requests=[{"id": ONE, "script": [{"after": 3600, "status": "Denied"}]}])
    turn(server, 7200)
    document = get(server, f"/requests/{ONE}").json()
    later = moment(document["Completed"])[0] - moment(document["Submitted"])[0]
    assert later == datetime.timedelta(hours=1)


def test_a_script_counts_how_often_it_is_seen(server: Running) -> None:
    steps = [{"seen": 2, "status": "Approved"}, {"seen": 5, "status": 42}]
    scenario(server, requests=[{"id": ONE, "script": steps}, {"id": TWO, "status": "Denied"}])

    def listed() -> int:
        found = get(server, "/requests").json()
        return next(int(document["Status"]) for document in found if document["Uuid"] == ONE)

    assert status(server, ONE) == 16
    # What does not show it does not count: another request, a list without it, the control endpoints, a fault.
    get(server, f"/requests/{TWO}")
    get(server, "/requests", status="Denied")
    requests.get(f"{server.control}/world", timeout=5)
    requests.post(f"{server.control}/faults", json={"kind": "status", "times": 1}, timeout=5)
    assert get(server, f"/requests/{ONE}").status_code == 503
    assert [listed(), status(server, ONE), listed(), status(server, ONE), listed()] == [16, 3, 3, 3, 42]


def test_a_step_may_want_both(server: Running) -> None:
    stop(server)
    scenario(server, requests=[{"id": ONE, "script": [{"seen": 1, "after": 60, "status": "Approved"}]}])
    assert [status(server, ONE), status(server, ONE)] == [16, 16]
    turn(server, 60)
    assert status(server, ONE) == 3
    scenario(server, requests=[{"id": TWO, "script": [{"seen": 1, "after": 60, "status": "Approved"}]}])
    turn(server, 60)
    assert [status(server, TWO), status(server, TWO)] == [16, 3]


def test_approver_and_no_approvals(server: Running) -> None:
    stop(server)
    scenario(server, approver={"after": 60, "status": "Approved"})
    identifier = create(server).json().rsplit("/", 1)[-1]
    turn(server, 59)
    assert status(server, identifier) == 16
    turn(server, 1)
    assert status(server, identifier) == 3
    scenario(server, approver={"seen": 1, "status": "Denied"})
    identifier = create(server).json().rsplit("/", 1)[-1]
    assert [status(server, identifier), status(server, identifier)] == [16, 4]
    scenario(server, approvals_needed=False)
    assert status(server, create(server).json().rsplit("/", 1)[-1]) == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Suspend"},
        {"type": ...},
        {"comment": ...},
        {"comment": "x" * 257},
        {"profiletemplateuuid": ...},
        {"profiletemplateuuid": "not-a-guid"},
        {"priority": "256"},
        {"datacollection": "[{\u201creason\u201d:\u201dx\u201d}]"},
        {"type": "Unblock"},
        {"type": "Renew"},
    ],
)
def test_refused_bodies(server: Running, changes: dict[str, Any]) -> None:
    answer = create(server, **changes)
    assert answer.status_code == 400
    assert answer.json()["Message"] == "The request is invalid."


def test_accepted_bodies(server: Running) -> None:
    answer = create(
        server, priority="4", target="{97CC3493-F556-4C9B-9D8B-982434201527}", datacollection=[{"city": "Bern"}]
    )
    document = get(server, f"/requests/{answer.json().rsplit('/', 1)[-1]}").json()
    assert document["Priority"] == 4
    assert document["TargetUserUuid"] == "97cc3493-f556-4c9b-9d8b-982434201527"
    assert document["DataCollection"] == [{"Name": "city", "Value": "Bern"}]


def test_body_must_be_json(server: Running) -> None:
    url = f"{server.url}/requests"
    assert requests.post(url, timeout=5).status_code == 400
    assert requests.post(url, data="{", headers={"Content-Type": "application/json"}, timeout=5).status_code == 400
    assert requests.post(url, data="{}", headers={"Content-Type": "text/plain"}, timeout=5).status_code == 415


def test_lists(server: Running) -> None:
    caller = "6a7e0f10-31c4-4b7e-8f55-90d1c2b3a001"
    items = [
        {"id": ONE, "target": caller},
        {"id": TWO, "status": "Approved", "target": TWO},
        {"id": NOBODY, "forbidden": True},
    ]
    scenario(server, caller=caller, requests=items)
    documented = {"a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099", "0c96d73f-967b-420e-854a-43ad2a1504bc"}

    def ids(**query: str) -> set[str]:
        return {document["Uuid"] for document in get(server, "/requests", **query).json()}

    assert ids() == {ONE, TWO, *documented}
    assert ids(status="approved") == {TWO, *documented}
    assert ids(Status="Pending", TargetUser="Current") == {ONE}
    assert get(server, "/requests", status="Denied").status_code == 204
    assert get(server, "/requests", status="Denied").content == b""
    assert get(server, "/requests", status="Waiting").status_code == 400
    assert get(server, "/requests", targetuser="someone").status_code == 400


def test_forbidden_broken_unknown(server: Running) -> None:
    scenario(server, requests=[{"id": ONE, "forbidden": True}, {"id": TWO, "broken": True}])
    assert get(server, f"/requests/{ONE}").json() == {"Message": "Authorization has been denied for this request."}
    assert get(server, f"/requests/{ONE}").status_code == 403
    assert get(server, f"/requests/{TWO}").status_code == 500
    assert get(server, f"/requests/{NOBODY}").status_code == 204
    assert get(server, "/requests/12").status_code == 400
    assert get(server, "/nothing").status_code == 404
    assert requests.delete(f"{server.url}/requests/{ONE}", timeout=5).status_code == 405


def test_unknown_item_404_and_no_documented_objects() -> None:
    with running("--unknown-item", "404", "--no-documented") as server:
        answer = get(server, "/requests/a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099")
        assert answer.status_code == 404
        assert "Message" in answer.json()
        assert get(server, "/requests").status_code == 204
        assert get(server, "/certificates").status_code == 204


def test_api_disabled_and_other_paths() -> None:
    with running("--api-disabled", "--api-path", "/certs/api/v1.0") as server:
        for url in (f"{server.url}/requests", f"{server.origin}/CertificateManagement/api/v1.0/requests"):
            answer = requests.get(url, timeout=5)
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "text/html"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"requests": [{"id": "x"}]}, "requests[0].id must be a GUID, not 'x'."),
        ({"requests": [{"id": ONE, "state": 1}]}, "requests[0] has the unknown key 'state'"),
        ({"smartcards": [{"id": ONE, "card_id": TWO, "pin": 42}]}, "smartcards[0].pin must be a quoted string"),
        ({"approver": {"after": -1, "status": "Approved"}}, "approver.after must be a number of seconds"),
        ({"approver": {"seen": 1.5, "status": "Approved"}}, "approver.seen must be a whole number"),
        ({"requests": [{"id": ONE}, {"id": ONE}]}, "requests[1].id is there twice"),
        ([], "The scenario must be a mapping."),
    ],
)
def test_scenario_errors(server: Running, content: Any, text: str) -> None:
    answer = requests.put(f"{server.control}/scenario", json=content, timeout=5)
    assert answer.status_code == 400
    assert text in answer.json()["error"]


@pytest.mark.parametrize(
    ("given", "property_name", "expected"),
    [
        ({"submitted": "2026-01-31T08:00:00"}, "Submitted", "2026-01-31T08:00:00Z"),
        ({"status": "Denied", "completed": "2026-02-01T08:00:00"}, "Completed", "2026-02-01T08:00:00Z"),
        ({"data_collection": {"Floor": "3"}}, "IsDataCollectionComplete", True),
        ({"data_collection": {"Floor": "3", "Room": None}}, "IsDataCollectionComplete", False),
        ({}, "IsDataCollectionComplete", False),
        ({"data_collection": {"Room": None}}, "DataCollection", [{"Name": "Room", "Value": None}]),
        ({"enrollment_agent": True}, "IsEnrollmentAgent", True),
    ],
)
def test_a_request_is_planted_as_it_was(
    server: Running, given: dict[str, Any], property_name: str, expected: Any
) -> None:
    scenario(server, requests=[{"id": ONE, **given}])
    assert get(server, f"/requests/{ONE}").json()[property_name] == expected


def test_times_may_be_given_as_days(server: Running) -> None:
    now = moment(stop(server)["time"])[0]
    scenario(server, requests=[{"id": ONE, "status": "Failed", "submitted": 40, "completed": 2.5}])
    found = get(server, f"/requests/{ONE}").json()
    days = {name: (now - moment(found[name])[0]) / datetime.timedelta(days=1) for name in DAYS}
    assert days == {"Submitted": 40, "Completed": 2.5}


@pytest.mark.parametrize("value", ["soon", True, None, 10**9, []])
def test_what_is_no_time_is_refused(server: Running, value: Any) -> None:
    given = {"requests": [{"id": ONE, "submitted": value}]}
    answer = requests.put(f"{server.control}/scenario", json=given, timeout=5)
    assert answer.status_code == 400
    assert "requests[0].submitted must be a time such as" in answer.json()["error"]

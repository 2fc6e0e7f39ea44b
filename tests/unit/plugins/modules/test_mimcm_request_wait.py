# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""mimcm_request_wait, run as both shells run it, against a server that answers as a test says."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request import wait as request_wait
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import clock as clock_module
from ansible_collections.certops.mimcm.plugins.modules import (
    mimcm_request_wait,
)
from ansible_collections.certops.mimcm.tests.unit.helpers import run
from ansible_collections.certops.mimcm.tests.unit.plugins.modules.listings import IDS, A, B, C, D, requests, world


def wait(server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    given = {"wait_timeout": 0, "poll_interval": 0.05, "poll_interval_max": 0.1, **given}
    return run(mimcm_request_wait, server, check_mode, **given)


def test_every_id_stands_in_one_group_and_in_the_order_given(scripted: Any, reply: Any) -> None:
    scripted.script = world(reply, requests(d=3, b=4, a=16))
    given = [C, B.upper(), f"{{{A}}}", D, B]
    result = wait(scripted, request_ids=given)
    assert result["failed"]
    assert [result[name] for name in ("reached", "rejected", "timed_out", "missing")] == [[D], [B], [A], [C]]
    assert [item["uuid"] for item in result["requests"]] == [B, A, D]
    assert set(result["problems"]) == {A, B, C}
    assert all(f"{request_id} is" in result["msg"] for request_id in (A, B, C))
    assert D not in result["msg"]
    assert (result["polls"], result["failed_polls"]) == (1, 0)
    assert result["http_calls"] == len(scripted.calls) <= 4
    assert result["changed"] is False


@pytest.mark.parametrize(
    ("fail_on", "named"),
    [([], []), (["rejected"], [B]), (["timed_out"], [A]), (["missing"], [C]), (["missing", "rejected"], [B, C])],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_fail_on(scripted: Any, reply: Any, fail_on: list[str], named: list[str], check_mode: bool) -> None:
    scripted.script = world(reply, requests(b=17, a=18, d=8))
    result = wait(scripted, check_mode, request_ids=[A, B, C, D], fail_on=fail_on, states=["Completed"])
    expected = [] if check_mode and fail_on == ["timed_out"] else named
    assert result.get("failed", False) == bool(expected)
    assert [request_id for request_id in (A, B, C, D) if request_id in result.get("msg", "")] == sorted(expected)
    assert result["timed_out"] == [A]


def test_check_mode_looks_once_whatever_the_timeout(scripted: Any, reply: Any) -> None:
    # A second look would find it approved.
    scripted.answer(reply(requests(a=16)), reply(requests(a=3)))
    result = wait(scripted, True, request_ids=[A], wait_timeout=3600)
    assert not result.get("failed")
    assert (result["polls"], result["timed_out"], len(scripted.calls)) == (1, [A], 1)


def test_no_ids_ask_nothing(scripted: Any) -> None:
    assert not wait(scripted, request_ids=[]).get("failed")
    assert scripted.calls == []


def test_a_server_that_goes_and_comes_back(scripted: Any, reply: Any) -> None:
    scripted.answer(
        reply(requests(a=16)),
        reply(reset=True),
        reply(b"<html>", status=502, content_type="text/html"),
        reply(b"<html>", content_type="text/html"),
        reply(requests(a=16), missing_bytes=5),
        reply({"Message": "x"}, status=500),
        reply(requests(a=3)),
    )
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("certops.mimcm")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        result = wait(scripted, request_ids=[A], wait_timeout=600)
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    assert result["reached"] == [A]
    assert (result["polls"], result["failed_polls"]) == (7, 5)
    assert any("connection reset" in line and "Trying again" in line for line in lines)
    assert "the server answers again" in lines[-1] or "is Approved" in lines[-1]


class Clock:
    """A clock for the wait and its calls, which passes only when somebody sleeps or answers."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    # The clock of calls and waits alike.
    monkeypatch.setattr(clock_module, "time", made)
    monkeypatch.setattr(request_wait, "sleep_while_wanted", lambda: made.sleep)
    return made


def test_the_deadline_holds_when_every_call_is_slow(scripted: Any, reply: Any, clock: Clock) -> None:
    """Eleven requests that no list shows are eleven calls more; the time that is left is for all of them together."""

    def slow(call: Any) -> Any:
        clock.sleep(0.5)
        last = call.path.rpartition("/")[2]
        return reply([] if last == "requests" else {"Uuid": last, "Status": 16})

    scripted.script = slow
    result = wait(scripted, request_ids=IDS, wait_timeout=1, timeout=30, max_connections=1)
    assert result["failed"]
    assert sorted(result["timed_out"]) == IDS
    assert result["elapsed"] < 1.5, "one call may still be on its way at the deadline, not ten"
    assert len(scripted.calls) == 2


@pytest.mark.parametrize("status", [401, 404])
def test_what_cannot_pass_ends_the_wait_with_what_is_known(scripted: Any, reply: Any, status: int) -> None:
    scripted.answer(reply(requests(a=8)), reply(requests(b=16)), reply(b"", status=status))
    result = wait(scripted, request_ids=[A, B], wait_timeout=600, fail_on=[])
    if status != 404:
        assert result["failed"]
        assert result["timed_out"] == [B]
        assert result["http_status"] == status
    assert result["reached"] == [A]
    assert result["polls"] == 2


BROKEN = {
    "403": (b"", 403, {}),
    "418": (b"", 418, {}),
    "302": (b"moved", 302, {"Location": "/login"}),
    "206": (b"[]", 206, {}),
    "500": (b'{"Message": "no"}', 500, {}),
    "HTML": (b"<html>", 200, {"Content-Type": "text/html"}),
    "another request": (b'{"Uuid": "%s", "Status": 3}' % D.encode(), 200, {}),
    "503 at an odd time": (b"", 503, {"Retry-After": "Mon, 01 Jan 99999999999 00:00:00 GMT"}),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("broken", [A, B, C])
@pytest.mark.parametrize("timeout", [0, 0.3])
def test_a_request_that_cannot_be_read_is_an_outcome_of_its_own(
    scripted: Any, reply: Any, kind: str, broken: str, timeout: float
) -> None:
    body, status, headers = BROKEN[kind]

    def script(call: Any) -> Any:
        last = call.path.rpartition("/")[2]
        if last == broken:
            return reply(body, status=status, headers=headers)
        return reply([]) if last == "requests" else reply({"Uuid": last, "Status": 3})

    scripted.script = script
    result = wait(scripted, request_ids=[A, B, C], wait_timeout=timeout, retries=0)
    assert result["failed"]
    assert result["unreadable"] == [broken]
    assert result["reached"] == [request_id for request_id in (A, B, C) if request_id != broken]
    assert result["problems"] == {broken: result["msg"]}
    ignored = wait(scripted, request_ids=[A, B, C], wait_timeout=timeout, retries=0, fail_on=["rejected"])
    assert not ignored.get("failed")


def test_a_request_that_was_read_before_has_timed_out(scripted: Any, reply: Any) -> None:
    scripted.answer(reply({"Uuid": A, "Status": 16}), reply(requests(b=3)), reply(b'{"Message": "no"}', status=500))
    result = wait(scripted, request_ids=[A, B], wait_timeout=0.2, retries=0)
    assert (result["timed_out"], result["unreadable"]) == ([A], [])


def test_an_unknown_status_is_open_and_warned_of_once(scripted: Any, reply: Any) -> None:
    scripted.script = world(reply, requests(a=99, b=99))
    result = wait(scripted, request_ids=[A, B], wait_timeout=0.2)
    assert result["timed_out"] == [A, B]
    assert len(result["warnings"]) == 1
    assert "99" in result["warnings"][0]
    assert [item["status"] for item in result["requests"]] == [None, None]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wait_timeout", -1),
        ("poll_interval", -1),
        ("poll_interval", 0),
        # With a deadline that is not a number the wait would never end.
        ("wait_timeout", float("nan")),
        ("poll_interval", float("nan")),
        ("poll_interval_max", float("nan")),
    ],
)
def test_impossible_numbers_are_refused(scripted: Any, reply: Any, name: str, value: float) -> None:
    scripted.script = world(reply, requests(a=16))
    result = wait(scripted, True, request_ids=[A], **{name: value})
    assert result.get("failed")
    assert result["msg"].startswith(name)
    assert scripted.calls == []

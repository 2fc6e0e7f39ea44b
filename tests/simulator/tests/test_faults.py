# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults on demand."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from mimcm_simulator.launch import Running

BODY = {"type": "Enroll", "profiletemplateuuid": "2b7044cf-aa96-4911-b886-177947e9271b", "comment": "fault"}


def fault(server: Running, **content: Any) -> None:
    requests.post(f"{server.control}/faults", json=content, timeout=5).raise_for_status()


def get(server: Running) -> requests.Response:
    return requests.get(f"{server.url}/requests", timeout=5)


def test_status_with_retry_after_skip_and_times(server: Running) -> None:
    fault(server, kind="status", retry_after="1", skip=1, times=2, match="^/requests$", method="get")
    assert [get(server).status_code for _dummy in range(5)] == [200, 503, 503, 200, 200]
    fault(server, kind="status", status=429, retry_after="7")
    assert get(server).headers["Retry-After"] == "7"
    requests.delete(f"{server.control}/faults", timeout=5)
    assert get(server).status_code == 200


@pytest.mark.parametrize("kind", ["reset", "reset_mid_body", "truncate"])
def test_broken_connections(server: Running, kind: str) -> None:
    fault(server, kind=kind, times=1)
    with pytest.raises((requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)) as caught:
        get(server)
    assert ("reset by peer" in str(caught.value)) == kind.startswith("reset")
    assert get(server).status_code == 200


@pytest.mark.parametrize("processed", [False, True])
def test_reset_before_or_after_the_operation(server: Running, processed: bool) -> None:
    before = len(get(server).json())
    fault(server, kind="reset", times=1, processed=processed)
    with pytest.raises(requests.exceptions.ConnectionError):
        requests.post(f"{server.url}/requests", json=BODY, timeout=5)
    assert len(get(server).json()) - before == processed
    assert requests.get(f"{server.control}/log", timeout=5).json()[1]["status"] is None


def test_wrong_content(server: Running) -> None:
    fault(server, kind="html", times=1)
    fault(server, kind="garbage", times=1)
    page = get(server)
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html"
    garbage = get(server)
    assert garbage.headers["Content-Type"].startswith("application/json")
    with pytest.raises(ValueError, match=r"."):
        garbage.json()


def test_slow_answers(server: Running) -> None:
    """The only faults that are about time; a slow machine can only lengthen it."""
    for kind in ("delay", "drip"):
        fault(server, kind=kind, seconds=0.5, times=1)
        begun = time.monotonic()
        assert get(server).json()
        assert time.monotonic() - begun >= 0.5


def wait_for_held(server: Running, count: int) -> None:
    server.until("held", lambda answer: answer == {"held": count})


def release(server: Running, body: Any = None) -> Any:
    return requests.post(f"{server.control}/release", json=body, timeout=5)


def test_held_calls_go_on_when_they_are_released(server: Running) -> None:
    fault(server, kind="hold", match="^/requests$", times=2)
    fault(server, kind="status", status=503, times=1)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(get, server)]
        wait_for_held(server, 1)
        calls.append(pool.submit(get, server))
        wait_for_held(server, 2)
        assert release(server, {"calls": 1}).json() == {"released": 1}
        # A held call goes on as any other, to the next fault.
        assert calls[0].result(30).status_code == 503
        wait_for_held(server, 1)
        assert release(server).json() == {"released": 1}
        assert calls[1].result(30).status_code == 200
    assert release(server).json() == {"released": 0}
    assert release(server, {"calls": -1}).status_code == 400
    assert get(server).status_code == 200


def test_a_held_call_is_carried_out_for_a_client_that_has_gone(server: Running) -> None:
    before = len(get(server).json())
    fault(server, kind="hold", method="POST", times=1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.post(f"{server.url}/requests", json=BODY, timeout=0.2)
    assert len(get(server).json()) == before
    assert release(server).json() == {"released": 1}
    server.until("log", lambda log: log[1]["status"] == 201)
    assert len(get(server).json()) == before + 1


def test_a_reset_ends_what_is_held(server: Running) -> None:
    fault(server, kind="hold", method="POST")
    before = len(get(server).json())
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(requests.post, f"{server.url}/requests", json=BODY, timeout=60)
        wait_for_held(server, 1)
        requests.post(f"{server.control}/reset", timeout=5)
        with pytest.raises(requests.exceptions.ConnectionError):
            call.result(60)
    assert len(get(server).json()) == before


def test_unauthorized(server: Running) -> None:
    fault(server, kind="unauthorized", times=1)
    assert [get(server).status_code for _dummy in range(2)] == [401, 200]


def test_faults_leave_the_control_endpoints_alone_and_are_checked(server: Running) -> None:
    fault(server, kind="reset")
    assert requests.get(f"{server.control}/calls", timeout=5).json()["total"] == 0
    for wrong in ({}, {"kind": "earthquake"}, {"kind": "reset", "match": "("}, {"kind": "reset", "often": 1}):
        answer = requests.post(f"{server.control}/faults", json=wrong, timeout=5)
        assert answer.status_code == 400
        assert answer.json()["error"].endswith(".")

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock that a test can turn, and stop."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from mimcm_simulator.clock import Clock
from mimcm_simulator.launch import Running, running

DAY = 86400
BODY = {"type": "Enroll", "profiletemplateuuid": "2b7044cf-aa96-4911-b886-177947e9271b", "comment": ""}


class Hands:
    """A real clock that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def read(server: Running) -> Any:
    return requests.get(f"{server.control}/clock", timeout=5).json()


def turn(server: Running, **body: Any) -> requests.Response:
    return requests.post(f"{server.control}/clock", json=body, timeout=5)


def test_a_clock_goes_and_is_turned() -> None:
    real = Hands()
    clock = Clock(real=real)
    assert (clock(), clock.stopped) == (1000, False)
    real.now += 5
    clock.advance(60)
    assert clock() == 1065
    clock.reset()
    assert clock() == 1005


def test_a_clock_that_is_stopped_goes_on_from_where_it_stood() -> None:
    real = Hands()
    clock = Clock(real=real)
    clock.stop()
    real.now += 100
    clock.stop()
    assert (clock(), clock.stopped) == (1000, True)
    clock.advance(7)
    assert clock() == 1007
    clock.go()
    clock.go()
    real.now += 1
    assert (clock(), clock.stopped) == (1008, False)


def test_a_clock_that_stood_still_from_the_start_does_so_after_a_reset() -> None:
    real = Hands()
    clock = Clock(stopped=True, real=real)
    clock.go()
    clock.advance(7)
    real.now += 100
    clock.reset()
    real.now += 100
    assert (clock(), clock.stopped) == (1100, True)


def test_the_server_s_clock_is_turned_stopped_and_put_back(server: Running) -> None:
    before = read(server)
    assert (before["advanced"], before["stopped"]) == (0, False)
    turned = turn(server, advance=DAY, stopped=True).json()
    assert turned["now"] >= before["now"] + DAY
    assert turned["stopped"]
    assert read(server) == turned
    submitted = requests.post(f"{server.url}/requests", json=BODY, timeout=5).json().rsplit("/", 1)[-1]
    document = requests.get(f"{server.url}/requests/{submitted}", timeout=5).json()
    assert document["Submitted"] == turned["time"]
    requests.post(f"{server.control}/reset", timeout=5)
    assert not read(server)["stopped"]
    assert read(server)["advanced"] == 0


def test_a_server_whose_clock_stands_still() -> None:
    with running("--clock", "stopped") as server:
        stands = read(server)
        assert stands["stopped"]
        assert turn(server).json() == stands
        assert turn(server, advance=1.5).json()["now"] == stands["now"] + 1.5
        requests.post(f"{server.control}/reset", timeout=5)
        assert read(server)["stopped"]
        assert read(server)["advanced"] == 0


@pytest.mark.parametrize(
    "body",
    [{"advance": -1}, {"advance": "1"}, {"advance": 1e12}, {"advance": float("nan")}, {"stopped": 1}, {"back": 1}],
)
def test_what_a_clock_cannot_do(server: Running, body: dict[str, Any]) -> None:
    # Not json=, which knows no NaN.
    content = str(body).replace("'", '"').replace("nan", "NaN")
    answer = requests.post(f"{server.control}/clock", data=content, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert read(server)["advanced"] == 0

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is written once, whatever the connection does. Time is simulated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.write_once import Persistence, write_once
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.clock import Clock

BROKEN = errors.ConnectionFailed("The connection broke off")
REFUSED = errors.ConnectionFailed("Connection refused", sent=False)
BUSY = errors.ServerUnavailable("Busy", retry_after=7.0)
GARBLED = errors.InvalidAnswer("Not JSON")


class Server:
    """Carries out what is sent, as the script says, and remembers it."""

    def __init__(self, *script: Any, appears_after: float = 0.0, looks: tuple[Any, ...] = ()) -> None:
        self.script, self.looks = list(script), list(looks)
        self.appears_after = appears_after
        self.time = 0.0
        self.sent = 0
        self.created_at: list[float] = []
        self.looked_at: list[float] = []

    def send(self) -> str:
        self.sent += 1
        carried_out, error = self.script.pop(0)
        if carried_out:
            self.created_at.append(self.time + self.appears_after)
        if error:
            raise error
        return "answered"

    def look(self) -> str | None:
        self.looked_at.append(self.time)
        if self.looks and (trouble := self.looks.pop(0)):
            raise trouble
        return "found" if any(at <= self.time for at in self.created_at) else None

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds

    def write(self, resends: int = 4, settle: float = 10) -> str:
        how = Persistence(resends, settle)
        return write_once(self.send, self.look, "the creation", how, Clock(lambda: self.time, self.sleep))


def test_an_answer_is_enough() -> None:
    server = Server((True, None))
    assert server.write() == "answered"
    assert (server.sent, server.looked_at) == (1, [])


@pytest.mark.parametrize("error", [BROKEN, BUSY, GARBLED])
def test_carried_out_and_no_answer(error: Any) -> None:
    server = Server((True, error))
    assert server.write() == "found"
    assert (server.sent, server.looked_at) == (1, [0.0])


@pytest.mark.parametrize("error", [BROKEN, BUSY])
def test_not_carried_out_is_sent_again_after_the_server_had_its_time(error: Any) -> None:
    server = Server((False, error), (True, None))
    assert server.write(settle=10) == "answered"
    assert server.sent == 2
    assert server.looked_at[-1] == pytest.approx(10)
    assert server.time >= 10 + (error.retry_after if error is BUSY else 0)


def test_a_slow_server_is_waited_for() -> None:
    server = Server((True, BROKEN), appears_after=9.0)
    assert server.write(settle=10) == "found"
    assert (server.sent, len(server.created_at)) == (1, 1)


def test_what_was_never_sent_is_sent_again_without_looking() -> None:
    server = Server((False, REFUSED), (True, None))
    assert server.write() == "answered"
    assert (server.sent, server.looked_at) == (2, [])


def test_a_garbled_answer_is_never_sent_again() -> None:
    server = Server((False, GARBLED))
    with pytest.raises(errors.InvalidAnswer, match=r"Not JSON\.$"):
        server.write()
    assert server.sent == 1


def test_sending_again_has_an_end() -> None:
    server = Server(*[(False, BROKEN)] * 9)
    with pytest.raises(errors.ConnectionFailed, match=r"broke off\.$"):
        server.write(resends=2)
    assert server.sent == 3


def test_without_resends_it_is_looked_for_all_the_same() -> None:
    server = Server((True, BROKEN))
    assert server.write(resends=0, settle=0) == "found"
    assert (server.sent, server.time) == (1, 0)


def test_nothing_is_sent_again_while_nobody_knows() -> None:
    """The last look must have been answered, or a second creation could follow the first."""
    server = Server((True, BROKEN), looks=(BROKEN,) * 99)
    with pytest.raises(errors.ConnectionFailed, match="not known whether the creation was carried out"):
        server.write()
    assert server.sent == 1


def test_looking_outlives_trouble() -> None:
    server = Server((True, BROKEN), looks=(BROKEN, BUSY, None))
    assert server.write() == "found"
    assert (server.sent, len(server.looked_at)) == (1, 3)


@pytest.mark.parametrize("error", [errors.Forbidden("No"), errors.ServerError("500"), errors.RequestRejected("400")])
def test_a_refusal_is_final(error: errors.MimcmError) -> None:
    server = Server((False, error))
    with pytest.raises(type(error)):
        server.write()
    assert (server.sent, server.looked_at) == (1, [])


def refused_look(error: errors.MimcmError) -> Callable[[], Any]:
    def look() -> Any:
        raise error

    return look


def test_a_look_that_is_not_permitted_is_told() -> None:
    server = Server((True, BROKEN))
    with pytest.raises(errors.Forbidden):
        write_once(server.send, refused_look(errors.Forbidden("No")), "it", Persistence(3, 10))
    assert server.sent == 1

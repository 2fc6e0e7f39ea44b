# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connect to a host within a limit for all its addresses together, name resolution included. No HTTP.

Time-outs of sockets are for one address each, and nothing interrupts the resolution of a name.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent import futures
from contextlib import suppress
from typing import Any, TypeVar

_Result = TypeVar("_Result")

# In seconds: with a time-out of zero a socket would not wait at all.
_LEAST = 0.001


def within(
    seconds: float, action: Callable[[], _Result], discard: Callable[[_Result], object] = lambda late: None
) -> _Result:
    """Return what an action returns, and leave it behind in its thread if it takes longer.

    Args:
        seconds: How long to wait for it.
        action: What cannot be interrupted.
        discard: What to do with a result that comes too late.

    Raises:
        TimeoutError: It takes longer.
    """
    outcome: futures.Future[_Result] = futures.Future()

    def run() -> None:
        try:
            result = action()
        except BaseException as error:
            with suppress(futures.InvalidStateError):
                outcome.set_exception(error)
            return
        try:
            outcome.set_result(result)
        except futures.InvalidStateError:
            discard(result)

    threading.Thread(target=run, name="certops.mimcm connecting", daemon=True).start()
    futures.wait([outcome], max(seconds, 0.0))
    if outcome.cancel():
        raise TimeoutError
    return outcome.result()


def connected(
    host: str,
    port: int,
    due: float,
    family: int = socket.AF_UNSPEC,
    options: Iterable[tuple[Any, ...]] = (),
    source: tuple[str, int] | None = None,
) -> socket.socket:
    """Return a socket that is connected to the first address of a host that answers.

    What is left of the time is shared among the addresses, so that one that does not answer leaves some to the others.

    Args:
        host: The host's name or address.
        port: The port.
        due: When the time is up, by time.monotonic().
        family: The family of the addresses to try.
        options: Options of the socket to set before it is connected.
        source: The address to connect from.

    Raises:
        OSError: The name does not resolve, or no address could be connected to; socket.gaierror or TimeoutError if so.
        UnicodeError: No host can have this name.
    """
    kind = socket.SOCK_STREAM
    found = within(due - time.monotonic(), lambda: socket.getaddrinfo(host.strip("[]"), port, family, kind))
    failure = OSError("no address")
    for number, (its_family, its_kind, protocol, _name, address) in enumerate(found):
        share = (due - time.monotonic()) / (len(found) - number)
        if share <= 0:
            raise TimeoutError
        try:
            sock = socket.socket(its_family, its_kind, protocol)
        except OSError as error:
            # A family that this host does not have.
            failure = error
            continue
        try:
            for option in options:
                sock.setsockopt(*option)
            sock.settimeout(share)
            if source:
                sock.bind(source)
            sock.connect(address)
        except OSError as error:
            sock.close()
            failure = error
        else:
            sock.settimeout(max(due - time.monotonic(), _LEAST))
            return sock
    raise failure

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same action for many things, several at a time. No HTTP, no Ansible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")


def side_by_side(
    action: Callable[[_Thing], _Result], things: Sequence[_Thing], workers: int
) -> Iterator[tuple[_Thing, _Result]]:
    """Yield each thing with the action's result, as they come.

    The first error is raised; what was not begun by then never is, and what was is waited for.

    Args:
        action: What is done; with more than one worker, in several threads.
        things: What it is done for.
        workers: How many at a time at the most.
    """
    if workers < 2 or len(things) < 2:
        yield from ((thing, action(thing)) for thing in things)
        return
    waiting = iter(things)
    pool = ThreadPoolExecutor(min(workers, len(things)), "certops.mimcm calls")
    try:
        # No more are handed over than can be worked on: after an error none is left that would still be begun.
        running = {pool.submit(action, thing): thing for thing in islice(waiting, workers)}
        while running:
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(done), done.result()
                running |= {pool.submit(action, thing): thing for thing in islice(waiting, 1)}
    finally:
        pool.shutdown(cancel_futures=True)

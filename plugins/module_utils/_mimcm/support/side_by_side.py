# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry out one action for many items in parallel threads. No HTTP, no Ansible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def side_by_side(
    action: Callable[[_Item], _Result], items: Sequence[_Item], workers: int
) -> Iterator[tuple[_Item, _Result]]:
    """Yield each item with the result of the action for it, as results come.

    The first error is raised. Actions that have not started by then are dropped; running ones are awaited.

    Args:
        action: The action; with more than one worker it runs in several threads.
        items: The items.
        workers: How many actions run at a time at the most.
    """
    if workers < 2 or len(items) < 2:
        yield from ((item, action(item)) for item in items)
        return
    waiting = iter(items)
    pool = ThreadPoolExecutor(min(workers, len(items)), "certops.mimcm calls")
    try:
        # Never more items than workers are submitted, so no action starts after an error.
        running = {pool.submit(action, item): item for item in islice(waiting, workers)}
        while running:
            for done in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(done), done.result()
                running |= {pool.submit(action, item): item for item in islice(waiting, 1)}
    finally:
        pool.shutdown(cancel_futures=True)

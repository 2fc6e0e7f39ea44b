# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress lines of a wait: one whenever something changes, and at least one every minute."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.waiting.engine import Moment

_SILENCE = 30.0
_NAMED_CHANGES = 5


def progress(say: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> Callable[[Moment], None]:
    """Return a watcher for the polling engine that shows progress in lines, without repeating itself.

    Args:
        say: Shows a line.
        now: A monotonic clock.
    """
    last_line = -_SILENCE
    last_trouble = ""

    def watch(moment: Moment) -> None:
        nonlocal last_line, last_trouble
        trouble = str(moment.outcome.trouble or "")
        if moment.changes or trouble != last_trouble or now() - last_line >= _SILENCE:
            say(_line(moment, recovered=bool(last_trouble) and not trouble))
            last_line, last_trouble = now(), trouble

    return watch


def _line(moment: Moment, recovered: bool) -> str:
    outcome = moment.outcome
    counts = {
        "reached": len(outcome.reached),
        "rejected": len(outcome.rejected),
        "missing": len(outcome.missing),
        "unreadable": len(outcome.unreadable),
        "open": len(outcome.open),
    }
    text = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name in ("reached", "open"))
    if outcome.open:
        text += f" ({_open_statuses(moment)})"
    named = [
        f"{request_id} is {status or ('unreadable' if request_id in outcome.unreadable else 'unknown')}"
        for request_id, status in moment.changes.items()
        # At the first poll every status is new; there the counts are enough for the open requests.
        if outcome.polls > 1 or request_id not in outcome.open
    ]
    text += "".join(f"; {change}" for change in named[:_NAMED_CHANGES])
    if len(named) > _NAMED_CHANGES:
        text += f"; and {len(named) - _NAMED_CHANGES} more changes"
    if outcome.trouble:
        text += f". {outcome.trouble} Trying again" if outcome.open and not outcome.fatal else f". {outcome.trouble}"
    elif recovered:
        text += "; the server answers again"
    if moment.next_poll:
        text += f"; next poll in {_seconds(moment.next_poll)}, {_seconds(moment.remaining)} left"
    return text


def _seconds(value: float) -> str:
    return f"{value:.0f} s" if value >= 10 else f"{value:.1f} s"


def _open_statuses(moment: Moment) -> str:
    known = moment.outcome.requests
    statuses = Counter(
        (known[request_id]["status"] or f"status {known[request_id]['status_code']}")
        if request_id in known
        else "not seen"
        for request_id in moment.outcome.open
    )
    return ", ".join(f"{count} {status}" for status, count in statuses.most_common())

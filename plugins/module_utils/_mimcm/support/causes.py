# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An exception and the exceptions that caused it. No I/O."""

from __future__ import annotations

from collections.abc import Iterator


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all exceptions that it wraps, the nearest first and each once.

    requests and urllib3 wrap exceptions in C(reason) and in their arguments, pyspnego in C(base_error).
    """
    pending, seen = [error], set()
    while pending:
        current = pending.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        attributes = [getattr(current, name, None) for name in ("reason", "base_error")]
        wrapped = [*attributes, current.__cause__, current.__context__, *current.args]
        pending.extend(item for item in wrapped if isinstance(item, BaseException))

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Requests as a server lists them, by the letters A to D."""

from __future__ import annotations

from typing import Any

IDS = [f"{number:08d}-0000-4000-8000-000000000000" for number in range(1, 12)]
A, B, C, D = IDS[:4]


def requests(**codes: int) -> list[dict[str, Any]]:
    names = dict(zip("abcd", IDS, strict=False))
    return [{"Uuid": names[name].upper(), "Status": code, "RequestType": 1} for name, code in codes.items()]


def world(reply: Any, listed: list[dict[str, Any]]) -> Any:
    """A list, and 404 for each item that is not in it."""

    def script(call: Any) -> Any:
        last = call.path.rpartition("/")[2]
        if last == "requests":
            return reply(listed)
        found = [item for item in listed if item["Uuid"].lower() == last]
        return reply(found[0]) if found else reply(b"", status=404)

    return script

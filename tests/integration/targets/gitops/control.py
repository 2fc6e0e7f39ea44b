# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Be the approver, and count what was sent: control.py URL reset | posts | answer STATUS [PART OF THE COMMENT]."""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import Any

PENDING = 16


def call(url: str, body: Any = None, method: str = "GET") -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def main() -> None:
    control, what, *words = f"{sys.argv[1]}/_control", *sys.argv[2:]
    if what == "reset":
        call(f"{control}/reset", {}, "POST")
    elif what == "posts":
        print(sum(entry["method"] == "POST" for entry in call(f"{control}/log")))
    elif what == "collections":
        bodies = [entry["body"] for entry in call(f"{control}/log") if entry["method"] == "POST"]
        print(json.dumps([body["datacollection"] for body in bodies]))
    elif what == "answer":
        status, *comment = words
        for found in call(f"{control}/world")["requests"]:
            if found["Status"] == PENDING and all(text in found["Comment"] for text in ("[mimcm:", *comment)):
                call(f"{control}/requests/{found['Uuid']}", {"status": status}, "POST")


if __name__ == "__main__":
    main()

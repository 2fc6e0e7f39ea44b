# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List requests in one of several ways in this process, and print what that cost as JSON: KIND ORIGIN."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.answer import Answer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import request_lists
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell.argument_spec import COMMON_SPEC
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call


def memory(name: str) -> int:
    """Return what this process takes now (VmRSS), or took at the most (VmHWM), in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def download(origin: str) -> bytes:
    return requests.get(f"{origin}/CertificateManagement/api/v1.0/requests", timeout=300).content


def prepared(kind: str, origin: str) -> Callable[[], Any]:
    """Return the function to measure; everything that it needs has been fetched by then."""
    if kind == "client":
        given = {"url": origin, "auth_method": "none", "timeout": 300, "max_response_bytes": 2**31}
        return connect.connect(ArgumentSpecValidator(COMMON_SPEC).validate(given).validated_parameters).list_requests
    if kind == "download":
        return lambda: json.loads(download(origin))
    body = [download(origin)]
    if kind == "loads":
        return lambda: json.loads(body.pop())
    call = Call("GET", origin, "measuring")
    return lambda: request_lists.requests(Answer(200, "application/json", body.pop(), call).json())


def main() -> None:
    action = prepared(*sys.argv[1:])
    before = memory("VmRSS")
    # The highest mark so far is forgotten: fetching is not measured.
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    cpu, start = time.process_time(), time.perf_counter()
    found = action()
    values = {"cpu": time.process_time() - cpu, "seconds": time.perf_counter() - start}
    values |= {"peak": memory("VmHWM") - before, "held": memory("VmRSS") - before}
    assert found
    print(json.dumps(values))


if __name__ == "__main__":
    main()

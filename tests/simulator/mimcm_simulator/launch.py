# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the server as a process of its own, for tests and demonstrations."""

from __future__ import annotations

import contextlib
import json
import os
import re
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).resolve().parents[1]
_READY = re.compile(r"listening on (?P<url>(?P<origin>https?://[^/]+)/\S*) \(pid (?P<pid>\d+)\)")


@dataclass(frozen=True)
class Running:
    url: str
    origin: str
    process: subprocess.Popen[str]

    @property
    def control(self) -> str:
        return f"{self.origin}/_control"

    def call(self, path: str, body: Any = None, method: str = "GET", timeout: float = 10) -> Any:
        """Call one of the control endpoints, whatever the server's certificate; return its JSON, None for nothing."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.control}/{path}", data, method=method)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with urllib.request.urlopen(request, timeout=timeout, context=context) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def until(self, path: str, found: Callable[[Any], bool], patience: float = 60) -> Any:
        """Read a control endpoint until its answer is as wanted; return that.

        Raises:
            TimeoutError: It did not happen in time. The default is long on purpose: a shorter one makes no test faster.
        """
        deadline = time.monotonic() + patience
        while not found(answer := self.call(path)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path} has not become what was waited for: {answer}")
            time.sleep(0.02)
        return answer


@contextlib.contextmanager
def running(
    *options: str,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
    program: Path = PROGRAM,
) -> Iterator[Running]:
    """The server on a free port, until the block ends. It also ends with this process, however that ends.

    Another program that takes these options and prints such a line when it is ready can be run in the same way.
    """
    command = [python, str(program), "--port", "0", "--exit-with-parent", *options]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = _READY.search(line)
        if found is None:
            raise RuntimeError(f"{program} did not start: it said {line!r} and more on standard error.")
        yield Running(found["url"], found["origin"], process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from .app import application
from .certificates import Tls
from .files import published
from .state import State


@dataclass(frozen=True)
class Place:
    """Where the server listens and what it leaves there."""

    host: str
    port: int
    tls: Tls | None = None
    port_file: Path | None = None
    pid_file: Path | None = None
    ca_file: Path | None = None
    exit_with_parent: bool = False


async def parent_gone(stop: asyncio.Event) -> None:
    """A crashed test must leave nothing running: watch the parent process, for those who have no pipe to close."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(0.25)
    stop.set()


def watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Only a pipe or a socket says anything by closing: a terminal or /dev/null does not belong to the parent alone."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return

    def readable() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin.fileno())
            stop.set()

    loop.add_reader(sys.stdin.fileno(), readable)


async def serve(state: State, place: Place) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watchers = []
    if place.exit_with_parent:
        watch_stdin(loop, stop)
        watchers.append(asyncio.create_task(parent_gone(stop)))
    runner = web.AppRunner(application(state), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        context = place.tls.context if place.tls else None
        await web.TCPSite(runner, place.host, place.port, ssl_context=context).start()
        port = int(runner.addresses[0][1])
        with contextlib.ExitStack() as files:
            files.enter_context(published(place.ca_file, place.tls.ca or b"" if place.tls else b""))
            files.enter_context(published(place.pid_file, f"{os.getpid()}\n".encode()))
            files.enter_context(published(place.port_file, f"{port}\n".encode()))
            scheme = "https" if place.tls else "http"
            host = f"[{place.host}]" if ":" in place.host else place.host
            url = f"{scheme}://{host}:{port}{state.base}"
            print(f"MIM CM reference server listening on {url} (pid {os.getpid()})", flush=True)
            await stop.wait()
    finally:
        for watcher in watchers:
            watcher.cancel()
        await runner.cleanup()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the server until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from aiohttp import web
from mimcm_simulator.files import published

# It watches its parent in the very same way.
from mimcm_simulator.serve import Place, parent_gone, watch_stdin


def origin(place: Place, port: int) -> str:
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{'https' if place.tls else 'http'}://{host}:{port}"


async def serve(app: web.Application, place: Place, files: contextlib.ExitStack) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watchers = []
    if place.exit_with_parent:
        watch_stdin(loop, stop)
        watchers.append(asyncio.create_task(parent_gone(stop)))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, place.host, place.port, ssl_context=place.tls.context if place.tls else None).start()
        port = int(runner.addresses[0][1])
        files.enter_context(published(place.port_file, f"{port}\n".encode()))
        print(f"AD FS stand-in listening on {origin(place, port)}/adfs (pid {os.getpid()})", flush=True)
        await stop.wait()
    finally:
        for watcher in watchers:
            watcher.cancel()
        await runner.cleanup()

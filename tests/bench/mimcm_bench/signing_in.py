# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""(e) What each way to sign in costs."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mimcm_adfs.launch
import mimcm_simulator.launch
from mimcm_simulator import realm
from mimcm_simulator.launch import Running

from .playing import play, plays, seen, world
from .samples import Column, Ratio, Sample, Section

SECTION = Section(
    title="(e) Signing in",
    about="A loop of requests that are looked up one by one, in one task, over TLS. Round trips are HTTP requests to "
    "the MIM CM server, those of handshakes included; those to AD FS are not.",
    sized="items",
    columns={
        "item": Column("ms per item", 1000),
        "trips": Column("round trips", digits=0),
        "trip_item": Column("round trips per item", digits=2),
    },
    ratios=(Ratio("of none", "item", "none", of_this=True),),
)
USER, PASSWORD = r"CORP\alice", "made-up-password"
TOKEN = "made-up-token"
# The one that Microsoft's script registers.
CLIENT = "70A8B8B1-862C-4473-80AB-4E55BAE45B4F"


def measure(folder: Path, sizes: list[int]) -> Iterator[Sample]:
    """Sign in once in each way."""
    with tempfile.TemporaryDirectory() as secrets, contextlib.ExitStack() as stack:
        environment = stack.enter_context(realm.realm(Path(secrets))) if kerberos() else {}
        for name, server_options, options in ways(Path(secrets), stack):
            if name == "kerberos" and not environment:
                print(
                    "kerberos: not measured, because MIT Kerberos or the Python package gssapi is missing",
                    file=sys.stderr,
                )
                continue
            ca_file = Path(secrets, f"{name}.pem")
            tls = ("--host", "localhost", "--tls", "--ca-file", str(ca_file))
            with mimcm_simulator.launch.running(*tls, *server_options, environment=environment) as server:
                for size in sizes:
                    yield _measured(name, server, folder, size, {"ca_path": str(ca_file), **options}, environment)


def kerberos() -> bool:
    try:
        import gssapi  # noqa: F401
        import krb5  # noqa: F401
    except ImportError:
        return False
    return not realm.missing()


def ways(secrets: Path, stack: contextlib.ExitStack) -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """Each way to sign in: its name, the reference server's options, the collection's options."""
    account = {"username": USER, "password": PASSWORD}
    user = f"{USER}:{PASSWORD}"
    yield "none", [], {"auth_method": "none"}
    yield "token", ["--auth", "token", "--token", TOKEN], {"auth_method": "token", "token": TOKEN}
    yield "ntlm", ["--auth", "ntlm", "--user", user], {"auth_method": "ntlm", **account}
    yield "negotiate, NTLM", ["--auth", "negotiate", "--user", user], {"auth_method": "negotiate", **account}
    yield "kerberos", ["--auth", "kerberos"], {"auth_method": "kerberos"}
    key, audience = secrets / "adfs-key.pem", "https://localhost/certificatemanagement"
    adfs = stack.enter_context(mimcm_adfs.launch.running("--user", user, "--key-out", str(key)))
    accepted = ["--auth", "token", "--token-key", str(key), "--token-audience", audience]
    grant = {"grant_type": "password", "resource": audience, "client_id": CLIENT, "allow_http_credentials": True}
    yield "adfs, password grant", accepted, {"auth_method": "adfs", "adfs_url": adfs.origin, **grant, **account}


def _measured(
    name: str, server: Running, folder: Path, size: int, options: dict[str, Any], environment: dict[str, str]
) -> Sample:
    (request_id,) = world(server, 1)
    task = {"certops.mimcm.mimcm_request_info": {"request_ids": [request_id]}, "loop": list(range(size))}
    played = play(folder, plays(server, {"name": "Look up", **task}, **options), environment=environment)
    trips = seen(server)["calls"]
    return Sample(name, size, {"item": played.tasks[0]["seconds"] / size, "trips": trips, "trip_item": trips / size})

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kerberos realm of its own for tests: MIT's key distribution centre on loopback, one user, one service."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

PRINCIPAL, PASSWORD = "alice@EXAMPLE.TEST", "made-up"
USER_KEYTAB = "alice.keytab"

_PROGRAMS = ("krb5kdc", "kdb5_util", "kadmin.local", "kinit")
_PATH = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
# The centre also ends when this process does, however that ends: test runners that fork leave no time for tidying up.
_UNTIL_INPUT_ENDS = "krb5kdc -n & cat > /dev/null; kill $!; wait"
_CLIENT = """[libdefaults]
default_realm = EXAMPLE.TEST
qualify_shortname = ""
dns_canonicalize_hostname = false
rdns = false
dns_lookup_kdc = false
udp_preference_limit = 1
[realms]
EXAMPLE.TEST = {{
  kdc = 127.0.0.1:{port}
}}
"""
_SERVER = """[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
EXAMPLE.TEST = {{
  database_name = {folder}/principal
  key_stash_file = {folder}/stash
}}
[logging]
kdc = FILE:{folder}/requests.log
"""


def missing() -> list[str]:
    """The programs of MIT Kerberos that this machine lacks."""
    return [name for name in _PROGRAMS if not shutil.which(name, path=_PATH)]


@contextlib.contextmanager
def realm(folder: Path) -> Iterator[dict[str, str]]:
    """The realm until the block ends; gives the environment that client and server need, with a ticket in its cache."""
    port = _free_port()
    (folder / "krb5.conf").write_text(_CLIENT.format(port=port), encoding="utf-8")
    (folder / "kdc.conf").write_text(_SERVER.format(port=port, folder=folder), encoding="utf-8")
    variables = {
        "KRB5_CONFIG": str(folder / "krb5.conf"),
        "KRB5_KTNAME": str(folder / "http.keytab"),
        "KRB5CCNAME": str(folder / "cache"),
    }
    environment = {**os.environ, **variables, "PATH": _PATH, "KRB5_KDC_PROFILE": str(folder / "kdc.conf")}

    def run(*command: str, answer: str | None = None) -> None:
        subprocess.run(command, check=True, capture_output=True, text=True, input=answer, timeout=20, env=environment)

    run("kdb5_util", "create", "-s", "-P", "master", "-r", "EXAMPLE.TEST")
    for query in (f"addprinc -pw {PASSWORD} alice", "addprinc -randkey HTTP/localhost", "ktadd HTTP/localhost"):
        run("kadmin.local", "-q", query)
    run("kadmin.local", "-q", f"ktadd -k {folder}/{USER_KEYTAB} -norandkey alice")
    log = folder / "krb5kdc.log"
    command = ["sh", "-c", _UNTIL_INPUT_ENDS]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=out, stderr=out),
    ):
        # Leaving the block closes the pipe.
        _wait_for(port)
        run("kinit", "alice", answer=f"{PASSWORD}\n")
        yield variables


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("The key distribution centre did not start.")

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command in namespaces of its own, so that a domain controller fits on any machine and leaves nothing behind.

Inside there is loopback only, no other process to be seen, and private files where Samba insists on fixed places.
The namespaces, their mounts and all their processes end with the command, and with the caller, however either ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

# A place in memory that ends with the namespaces. Unlike pytest's folders, all users can reach it.
FOLDER = Path("/run/mimcm-directory")
# Exit code for "this machine lacks something", as other test runners have it.
SKIPPED = 77

_PROGRAMS = {
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "mount": "mount",
    "ip": "iproute2",
    "kinit": "krb5-user",
    "samba": "samba",
    "samba-tool": "samba",
    "winbindd": "winbind",
    "wbinfo": "winbind",
    "apache2": "apache2",
}
_FILES = {
    "/usr/lib/apache2/modules/mod_auth_gssapi.so": "libapache2-mod-auth-gssapi",
    "/etc/gss/mech.d/*ntlmssp*": "gss-ntlmssp",
    "/usr/lib/python3/dist-packages/samba/samdb.py": "python3-samba",
    "/usr/share/samba/setup/provision.ldif": "samba-ad-provision",
    "/usr/lib/*/samba/ldb/samldb.so": "samba-dsdb-modules",
    "/usr/lib/*/samba/vfs/acl_xattr.so": "samba-vfs-modules",
}
_NAMESPACES = ("unshare", "-n", "-m", "--pid", "--fork", "--kill-child", "--mount-proc")
_PRIVATE = ("/etc/samba", "/var/lib/samba", "/var/cache/samba", "/var/log/samba")
_HOSTS = """127.0.0.1 localhost
127.0.0.1 dc1.cm.test.local cm.cm.test.local adfs.cm.test.local cm.test.local
"""


def search_path() -> str:
    """Daemons and tools of administrators are not in everybody's path."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def active() -> bool:
    """Whether this process is inside."""
    return FOLDER.is_dir()


def missing() -> str | None:
    """One sentence about what this machine lacks, or nothing."""
    programs = {package for name, package in _PROGRAMS.items() if not shutil.which(name, path=search_path())}
    files = {package for pattern, package in _FILES.items() if not any(Path("/").glob(pattern.lstrip("/")))}
    if packages := sorted(programs | files):
        return f"the packages {' '.join(packages)} are missing."
    if os.geteuid() != 0:
        return "only root can start a domain controller in namespaces of its own."
    attempt = subprocess.run([*_NAMESPACES, "true"], capture_output=True, text=True, check=False, timeout=20)
    if attempt.returncode != 0:
        return f"this machine does not let root make namespaces ({attempt.stderr.strip()})."
    return None


def inside(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Run the command inside; gives its exit code, or SKIPPED after a line that says why."""
    if lack := missing():
        print(f"SKIPPED: {lack}", flush=True)
        return SKIPPED
    # The kernel ends unshare with this process, unshare's first process with unshare, and all others with that one.
    caught = signal.signal(signal.SIGINT, _leave_it_to_the_command)
    try:
        finished = subprocess.run(
            ["setpriv", "--pdeathsig", "KILL", *_NAMESPACES, sys.executable, __file__, *command],
            env={**os.environ, **(environment or {}), "PATH": search_path()},
            check=False,
        )
    finally:
        signal.signal(signal.SIGINT, caught)
    return _exit_code(finished.returncode)


def enter() -> None:
    """Go on inside: run this program again in there and end with its exit code. Inside it does nothing."""
    if not active():
        sys.exit(inside([sys.executable, *sys.orig_argv[1:]]))


def _leave_it_to_the_command(_signal: int, _frame: FrameType | None) -> None:
    """Ctrl-C reaches all processes of the terminal. A function, because ignoring would be inherited by the command."""


def _exit_code(code: int) -> int:
    return code if code >= 0 else 128 - code


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _furnish() -> None:
    """The network and the private files."""
    _run("ip", "link", "set", "lo", "up")
    for place in _PRIVATE:
        if Path(place).is_dir():
            _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", place)
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
    for place in ("/run/samba", "/run/lock", str(FOLDER)):
        Path(place).mkdir(mode=0o755)
    hosts = FOLDER / "hosts"
    hosts.write_text(_HOSTS, encoding="utf-8")
    hosts.chmod(0o644)
    _run("mount", "--bind", str(hosts), "/etc/hosts")


def _environment() -> dict[str, str]:
    """Temporary files, replay caches of Kerberos among them, end with the namespaces too."""
    temporary = FOLDER / "tmp"
    temporary.mkdir()
    temporary.chmod(0o1777)
    return {**os.environ, "TMPDIR": str(temporary)}


def _first_process(command: Sequence[str]) -> int:
    """Furnish, run the command, and collect processes that lost their parent. When this returns, all others end."""
    signal.signal(signal.SIGINT, _leave_it_to_the_command)
    os.umask(0o022)
    _furnish()
    child = subprocess.Popen(command, env=_environment())
    while True:
        process, status = os.wait()
        if process == child.pid:
            child.returncode = os.waitstatus_to_exitcode(status)
            return _exit_code(child.returncode)


if __name__ == "__main__":
    sys.exit(_first_process(sys.argv[1:]))

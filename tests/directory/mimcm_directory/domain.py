# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Active Directory domain on loopback: Samba as its only controller, with users and service accounts."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import namespace

REALM, WORKGROUP = "CM.TEST.LOCAL", "CMTEST"
USERS = ("automation", "approver")
# Accounts of services, and the hosts they answer for.
SERVICES = {"svc-cm": "cm.cm.test.local", "svc-adfs": "adfs.cm.test.local"}

# Samba's modules belong to the system's Python, whatever Python runs the tests.
_SYSTEM_PYTHON = "/usr/bin/python3"
_POPULATE = Path(__file__).with_name("populate.py")
_SMB_CONF = Path("/etc/samba/smb.conf")
# Without file shares, name resolution and replication the controller is ready in a third of a second.
_OPTIONS = {
    "interfaces": "127.0.0.1",
    "bind interfaces only": "yes",
    "server services": "rpc, ldap, cldap, kdc, winbindd",
    "tls enabled": "no",
}
# There is one clock, so a ticket may end on the second.
_KRB5_CONF = """[libdefaults]
default_realm = {realm}
default_ccache_name = FILE:{folder}/cache_%{{uid}}
qualify_shortname = ""
dns_canonicalize_hostname = false
rdns = false
dns_lookup_realm = false
dns_lookup_kdc = false
udp_preference_limit = 1
clockskew = 2
[realms]
{realm} = {{
  kdc = 127.0.0.1
  kpasswd_server = 127.0.0.1
}}
[domain_realm]
.cm.test.local = {realm}
cm.test.local = {realm}
"""


@dataclass(frozen=True)
class Domain:
    folder: Path
    realm: str
    workgroup: str
    krb5_conf: Path
    # The keys of each service by its host, and those of all services in one file.
    keytabs: Mapping[str, Path]
    service_keytab: Path
    # The keys of user "automation".
    client_keytab: Path
    # Passwords by user.
    users: Mapping[str, str] = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """What clients need. There is no client keytab in it: it would sign in users who hold no ticket."""
        return {"KRB5_CONFIG": str(self.krb5_conf)}

    def principal(self, user: str) -> str:
        return f"{user}@{self.realm}"

    def kinit(
        self, user: str, password: str, cache: Path, lifetime: str | None = None, service: str | None = None
    ) -> dict[str, str]:
        """Get a ticket by password, for a lifetime such as "150s" if given; gives the environment that uses it.

        Samba refuses to go on from a ticket that ends within two minutes: with "90s" a client hears at once that its
        ticket has expired. A short ticket that works must be for the service from the start, such as
        "HTTP/cm.cm.test.local", and the cache holds nothing else.
        """
        return self._kinit(user, cache, _options(lifetime, service), f"{password}\n")

    def kinit_with_keytab(
        self, user: str, keytab: Path, cache: Path, lifetime: str | None = None, service: str | None = None
    ) -> dict[str, str]:
        return self._kinit(user, cache, ["-k", "-t", str(keytab), *_options(lifetime, service)], "")

    def _kinit(self, user: str, cache: Path, options: list[str], answer: str) -> dict[str, str]:
        variables = {**self.environment, "KRB5CCNAME": f"FILE:{cache}"}
        _run("kinit", *options, self.principal(user), answer=answer, environment=variables)
        return variables


def _options(lifetime: str | None, service: str | None) -> list[str]:
    return [*(["-l", lifetime] if lifetime else []), *(["-S", service] if service else [])]


@contextlib.contextmanager
def domain(folder: Path, passwords: Mapping[str, str] | None = None) -> Iterator[Domain]:
    """The domain until the block ends. Passwords of users that are not given are made up; more users may be given."""
    if not namespace.active():
        raise RuntimeError("A domain needs namespaces of its own: run this with mimcm_directory.namespace.inside().")
    users = {**{user: secrets.token_urlsafe(18) for user in USERS}, **(passwords or {})}
    out = Domain(
        folder=folder,
        realm=REALM,
        workgroup=WORKGROUP,
        krb5_conf=folder / "krb5.conf",
        keytabs={host: folder / f"{host}.keytab" for host in SERVICES.values()},
        service_keytab=folder / "services.keytab",
        client_keytab=folder / "automation.keytab",
        users=users,
    )
    out.krb5_conf.write_text(_KRB5_CONF.format(realm=REALM, folder=folder), encoding="utf-8")
    _provision(folder / "controller")
    _populate(out)
    with _controller(out):
        yield out


def _run(*command: str, answer: str = "", environment: Mapping[str, str] | None = None) -> None:
    """Run a tool; a failure tells what it said, and no password is on its command line."""
    done = subprocess.run(
        command,
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **(environment or {}), "PATH": namespace.search_path(), "LC_ALL": "C.UTF-8"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")


def _provision(target: Path) -> None:
    options = {**_OPTIONS, "log file": f"{target}/log.%m"}
    _run(
        "samba-tool",
        "domain",
        "provision",
        f"--targetdir={target}",
        f"--realm={REALM}",
        f"--domain={WORKGROUP}",
        "--host-name=DC1",
        "--host-ip=127.0.0.1",
        "--server-role=dc",
        "--dns-backend=NONE",
        *(f"--option={name}={value}" for name, value in options.items()),
    )
    smb_conf = target / "etc" / "smb.conf"
    _keep_options(smb_conf, options)
    # Samba's libraries read the settings from here, also within Apache.
    shutil.copyfile(smb_conf, _SMB_CONF)
    # NTLM needs winbind's private pipe; Apache reaches it through this group.
    privileged = target / "state" / "winbindd_privileged"
    privileged.mkdir(exist_ok=True)
    privileged.chmod(0o750)
    shutil.chown(privileged, group="winbindd_priv")


def _keep_options(smb_conf: Path, options: Mapping[str, str]) -> None:
    """Provisioning writes down some of the given options only, and a list of services of its own."""
    lines = smb_conf.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if line.partition("=")[0].strip() not in options]
    place = kept.index("[global]") + 1
    kept[place:place] = [f"\t{name} = {value}" for name, value in options.items()]
    smb_conf.write_text("\n".join(kept) + "\n", encoding="utf-8")


def _populate(new: Domain) -> None:
    accounts: list[dict[str, object]] = [
        {"name": user, "password": password, "services": []} for user, password in new.users.items()
    ]
    keytabs: list[dict[str, object]] = [{"file": str(new.client_keytab), "principals": ["automation"]}]
    for name, host in SERVICES.items():
        service = f"HTTP/{host}"
        accounts.append({"name": name, "password": secrets.token_urlsafe(24), "services": [service]})
        keytabs.extend({"file": str(file), "principals": [service]} for file in (new.keytabs[host], new.service_keytab))
    plan = {"smb_conf": str(_SMB_CONF), "accounts": accounts, "keytabs": keytabs}
    _run(_SYSTEM_PYTHON, str(_POPULATE), answer=json.dumps(plan), environment=new.environment)


@contextlib.contextmanager
def _controller(new: Domain) -> Iterator[None]:
    log = new.folder / "samba.log"
    environment = {**os.environ, **new.environment, "PATH": namespace.search_path()}
    # It also ends when its standard input does.
    command = ["samba", "-i", "-M", "single", "--debug-stdout"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=out, stderr=out)
    try:
        _until_ready(new, process, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdin is not None:
            process.stdin.close()


def _until_ready(new: Domain, process: subprocess.Popen[bytes], log: Path) -> None:
    cache = new.folder / "probe"
    steps: list[Callable[[], object]] = [
        lambda: new.kinit_with_keytab("automation", new.client_keytab, cache),
        lambda: _run("wbinfo", "--ping"),
        # The trust in itself: winbind answers pings before it can check a password.
        lambda: _run("wbinfo", "--ping-dc"),
    ]
    deadline = time.monotonic() + 30
    while steps:
        try:
            steps[0]()
            del steps[0]
        except RuntimeError as problem:
            if process.poll() is not None or time.monotonic() > deadline:
                said = log.read_text(encoding="utf-8", errors="replace")
                raise RuntimeError(f"The domain controller did not start: {problem}\n{said}") from problem
            time.sleep(0.05)
    cache.unlink()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apache in front of a server that knows no authentication: it signs users in with the domain, as IIS would."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import trustme

from . import namespace
from .domain import Domain

CM, ADFS = "cm.cm.test.local", "adfs.cm.test.local"
# Nothing else listens inside the namespaces.
KERBEROS, NEGOTIATE, PLAIN, OPEN = 8443, 8444, 8080, 8445

_USER, _GROUP = "www-data", "winbindd_priv"
_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "auth_gssapi",
    "ssl",
    "headers",
    "proxy",
    "proxy_http",
)
_LINE = re.compile(
    r"(?P<port>\d+) (?P<client_port>\d+) (?P<reuse>\d+) (?P<status>\d+) (?P<method>\S+) (?P<user>\S+) (?P<path>.*)"
)
# A request is written down after its answer was sent. Nothing new for this long means that all are.
_QUIET = 0.1

_MAIN = """ServerRoot {folder}
ServerName {cm}
PidFile {folder}/httpd.pid
DefaultRuntimeDir {folder}
DocumentRoot {folder}/empty
Mutex file:{folder} default
ErrorLog {folder}/error.log
LogLevel warn auth_gssapi:info
LogFormat "%{{local}}p %{{remote}}p %k %>s %m %u %U" requests
CustomLog {folder}/access.log requests
{modules}
User {user}
Group {group}
StartServers 1
MinSpareThreads 1
MaxSpareThreads 50
ThreadsPerChild 25
MaxRequestWorkers 50
# Connections last as long as a test wants them to.
KeepAlive On
KeepAliveTimeout 300
MaxKeepAliveRequests 0
Timeout 60
{listen}

# Who was signed in is ours to say.
RequestHeader unset X-Remote-User early
Header always set X-Remote-User "expr=%{{REMOTE_USER}}" "expr=-n %{{REMOTE_USER}}"
ProxyPreserveHost On
"""
_TLS = """  SSLEngine on
  SSLCertificateFile {folder}/certificate.pem
  SSLCertificateKeyFile {folder}/key.pem
"""
# The acceptor's keys come from the environment: a GssapiCredStore crashes the process once NTLM is offered too.
_SIGN_IN = """    AuthType GSSAPI
    AuthName "CM"
    GssapiLocalName Off
    Require valid-user
    RequestHeader unset Authorization
"""
_ONLY_KERBEROS = """    GssapiAllowedMech krb5
    GssapiConnectionBound Off
"""
_BOTH = """    GssapiAllowedMech krb5
    GssapiAllowedMech ntlmssp
    GssapiConnectionBound On
"""


# A connection that the backend is about to close cannot spoil a test.
_FRESH = "disablereuse=On"


@dataclass(frozen=True)
class Request:
    """One request as Apache saw it."""

    # Of Apache; tells the virtual hosts apart.
    port: int
    # Of the client; tells the connections apart.
    client_port: int
    # How many requests this connection had carried before.
    reuse: int
    status: int
    method: str
    path: str
    user: str | None


@dataclass(frozen=True)
class Apache:
    folder: Path
    # The CA of the certificates, in PEM.
    ca_file: Path
    # Origins. Kerberos for every request; Kerberos or NTLM for the connection; Kerberos without TLS; nobody is asked.
    kerberos: str = f"https://{CM}:{KERBEROS}"
    negotiate: str = f"https://{CM}:{NEGOTIATE}"
    plain: str = f"http://{CM}:{PLAIN}"
    open: str = f"https://{CM}:{OPEN}"
    # Signs in by Kerberos or NTLM at /adfs/oauth2/authorize.
    adfs: str = f"https://{ADFS}:{OPEN}"

    @property
    def error_log(self) -> Path:
        return self.folder / "error.log"

    def requests(self) -> list[Request]:
        """All requests since the start or the last clear(), in the order in which they ended."""
        return [_parsed(line) for line in self._settled().splitlines()]

    def clear(self) -> None:
        """Forget the requests so far."""
        self._settled()
        os.truncate(self._access_log, 0)

    def restart(self) -> None:
        """Start all workers anew, at once: connections, and who was signed in on them, are gone."""
        os.kill(int((self.folder / "httpd.pid").read_text()), signal.SIGHUP)

    @property
    def _access_log(self) -> Path:
        return self.folder / "access.log"

    def _settled(self) -> str:
        before = None
        while before != (now := self._access_log.read_text(encoding="utf-8")):
            before = now
            time.sleep(_QUIET)
        return now


@contextlib.contextmanager
def apache(folder: Path, domain: Domain, backend: str, adfs_backend: str | None = None) -> Iterator[Apache]:
    """Apache until the block ends, in front of http://HOST:PORT backends. Without one for ADFS, /adfs/ is not found."""
    _reachable(folder)
    out = Apache(folder, folder / "ca.pem")
    _certificates(folder, out.ca_file)
    (folder / "empty").mkdir()
    configuration = folder / "httpd.conf"
    configuration.write_text(_configuration(folder, backend.rstrip("/"), adfs_backend), encoding="utf-8")
    with _process(out, configuration, _environment(folder, domain)):
        yield out


def _parsed(line: str) -> Request:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"Not a line of the access log: {line!r}")
    return Request(
        port=int(found["port"]),
        client_port=int(found["client_port"]),
        reuse=int(found["reuse"]),
        status=int(found["status"]),
        method=found["method"],
        path=found["path"],
        # Apache writes a backslash twice.
        user=None if found["user"] == "-" else found["user"].replace("\\\\", "\\"),
    )


def _reachable(folder: Path) -> None:
    """Apache's workers run as a user who must reach keys and pipes by their path."""
    closed = next((part for part in (folder, *folder.parents) if not part.stat().st_mode & 0o001), None)
    if closed is not None:
        raise RuntimeError(f"The user {_USER} cannot reach {folder}, because {closed} is closed to other users.")


def _certificates(folder: Path, ca_file: Path) -> None:
    authority = trustme.CA(organization_name="MIM CM directory tests")
    certificate = authority.issue_cert(CM, ADFS)
    authority.cert_pem.write_to_path(str(ca_file))
    key = folder / "key.pem"
    key.touch(mode=0o600)
    certificate.private_key_pem.write_to_path(str(key))
    for place, pem in enumerate(certificate.cert_chain_pems):
        pem.write_to_path(str(folder / "certificate.pem"), append=place > 0)


def _environment(folder: Path, domain: Domain) -> dict[str, str]:
    worker = pwd.getpwnam(_USER)
    keytab = folder / "services.keytab"
    shutil.copyfile(domain.service_keytab, keytab)
    replays = folder / "replays"
    replays.mkdir(mode=0o700)
    for path in (keytab, replays):
        os.chown(path, worker.pw_uid, -1)
    keytab.chmod(0o400)
    return {
        **os.environ,
        **domain.environment,
        "KRB5_KTNAME": f"FILE:{keytab}",
        "KRB5RCACHEDIR": str(replays),
        "PATH": namespace.search_path(),
        "LC_ALL": "C",
    }


def _host(port: int, name: str, *parts: str) -> str:
    lines = [f"<VirtualHost 127.0.0.1:{port}>", f"  ServerName {name}", *(part.rstrip("\n") for part in parts)]
    return "\n".join([*lines, "</VirtualHost>\n"])


def _signed_in(place: str, mechanisms: str, more: str = "") -> str:
    return f'  <LocationMatch "{place}">\n{_SIGN_IN}{mechanisms}{more}  </LocationMatch>'


def _configuration(folder: Path, backend: str, adfs_backend: str | None) -> str:
    tls = _TLS.format(folder=folder)
    proxy = f'  ProxyPass "/" "{backend}/" {_FRESH}'
    pass_user = '    RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"\n'
    adfs = f'  ProxyPass "/adfs/" "{adfs_backend.rstrip("/")}/adfs/" {_FRESH}' if adfs_backend else ""
    main = _MAIN.format(
        folder=folder,
        cm=CM,
        user=_USER,
        group=_GROUP,
        modules="\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in _LOADED),
        listen="\n".join(f"Listen 127.0.0.1:{port}" for port in (KERBEROS, NEGOTIATE, PLAIN, OPEN)),
    )
    return main + "".join(
        [
            _host(KERBEROS, CM, tls, _signed_in("^/", _ONLY_KERBEROS), proxy),
            _host(NEGOTIATE, CM, tls, _signed_in("^/", _BOTH), proxy),
            _host(PLAIN, CM, _signed_in("^/", _ONLY_KERBEROS), proxy),
            _host(OPEN, CM, tls, proxy),
            _host(OPEN, ADFS, tls, _signed_in("(?i)^/adfs/oauth2/authorize/?$", _BOTH, pass_user), adfs),
        ]
    )


@contextlib.contextmanager
def _process(server: Apache, configuration: Path, environment: dict[str, str]) -> Iterator[None]:
    said = server.folder / "output.log"
    command = ["apache2", "-f", str(configuration), "-D", "FOREGROUND"]
    with said.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        _until_ready(process, [said, server.error_log])
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_ready(process: subprocess.Popen[bytes], logs: list[Path]) -> None:
    waiting = [KERBEROS, NEGOTIATE, PLAIN, OPEN]
    deadline = time.monotonic() + 20
    while waiting:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", waiting[0])) == 0:
                del waiting[0]
                continue
        if process.poll() is not None or time.monotonic() > deadline:
            texts = "".join(log.read_text(encoding="utf-8", errors="replace") for log in logs if log.exists())
            raise RuntimeError(f"Apache did not start: {texts}")
        time.sleep(0.02)

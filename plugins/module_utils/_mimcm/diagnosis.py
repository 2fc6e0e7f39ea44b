# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a server cannot be used: one check after the other, each with what it found and what to do about it.

What a check has to report is never an error here. No finding holds a secret.
"""

from __future__ import annotations

import datetime
import email.utils
import importlib
import importlib.metadata
import os
import platform
import socket
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import auth, options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.client import connect
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    MimcmError,
    NotFound,
    ServerError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.http_errors import named_schemes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection, Login
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.session import Call, Reply, Session
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.sign_in_errors import explained

OK, WARNING, PROBLEM, SKIPPED = "ok", "warning", "problem", "skipped"

# What Kerberos accepts between two clocks (RFC 4120, section 1.6), in seconds.
_SKEW = 300
_EXPIRES_SOON = 30
_WINDOWS = ("negotiate", "kerberos", "ntlm")
# The packages as they are installed, and the methods of signing in that cannot do without.
_LIBRARIES: dict[str, tuple[str, ...]] = {
    "requests": ("negotiate", "kerberos", "ntlm", "adfs", "token", "none"),
    "urllib3": (),
    "pyspnego": _WINDOWS,
    "gssapi": ("kerberos",),
    "krb5": ("kerberos",),
    "cryptography": (),
    "jmespath": (),
}
_INSTALL = {"pyspnego": "pyspnego[kerberos]", "gssapi": "pyspnego[kerberos]", "krb5": "pyspnego[kerberos]"}
_SCHEMES = {"negotiate": ("negotiate", "ntlm"), "kerberos": ("negotiate",), "ntlm": ("ntlm", "negotiate")}


@dataclass(frozen=True)
class Finding:
    """What one check found.

    Args:
        check: The check's name.
        status: C(ok), C(warning), C(problem) or C(skipped).
        finding: What was found, in words.
        remedy: What to do about it, None when there is nothing to do.
        details: The same as data.
    """

    check: str
    status: str
    finding: str
    remedy: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class _Case:
    """What the checks look at, and what later ones learn from earlier ones."""

    params: Mapping[str, Any]
    connection: Connection
    login: Login
    proxy: str | None
    reachable: bool = True
    has_ticket: bool = True
    reply: Reply | None = None

    @property
    def host(self) -> str:
        return self.connection.host

    @property
    def port(self) -> int:
        parts = urlsplit(self.connection.url)
        return parts.port or (443 if parts.scheme == "https" else 80)


def diagnose(params: Mapping[str, Any]) -> list[Finding]:
    """Return what every check found.

    Args:
        params: The common options, validated.

    Raises:
        UsageError: The options make no sense together.
    """
    connection = options.connection(params)
    case = _Case(params, connection, options.login(params), _proxy(connection))
    return [finding for check in _CHECKS for finding in check(case)]


def _proxy(connection: Connection) -> str | None:
    parts = urlsplit(connection.url)
    if not connection.use_proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    return urllib.request.getproxies().get(parts.scheme)


# ---------------------------------------------------------------------------------------------------------------------
# The checks, in the order in which one builds on the other


def _libraries(case: _Case) -> Iterator[Finding]:
    versions = {name: _version(name) for name in _LIBRARIES}
    found = {
        "host": platform.node(),
        "python": f"{platform.python_version()} ({sys.executable})",
        "openssl": ssl.OPENSSL_VERSION,
        **versions,
    }
    missing = [name for name, methods in _LIBRARIES.items() if case.login.method in methods and not versions[name]]
    if missing:
        wanted = " ".join(dict.fromkeys(f"'{_INSTALL.get(name, name)}'" for name in missing))
        text = f"{' and '.join(missing)} cannot be imported, and auth_method {case.login.method} needs them"
        yield Finding("libraries", PROBLEM, text, f"Run {sys.executable} -m pip install {wanted}", found)
    elif case.login.method == "negotiate" and not (versions["gssapi"] and versions["krb5"]):
        text = "gssapi and krb5 cannot be imported, so that negotiate is NTLM"
        remedy = f"For Kerberos, run {sys.executable} -m pip install 'pyspnego[kerberos]'"
        yield Finding("libraries", WARNING if case.login.password else PROBLEM, text, remedy, found)
    else:
        text = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
        yield Finding("libraries", OK, text, None, found)


def _version(name: str) -> str | None:
    """Return the version of a package that can be imported, None for any other."""
    try:
        importlib.import_module({"pyspnego": "spnego"}.get(name, name))
        return importlib.metadata.version(name)
    except Exception:
        # A compiled package can fail in any way when its system library is missing.
        return None


def _address(case: _Case) -> Iterator[Finding]:
    if case.proxy:
        name = _host_of(case.proxy)
        text = f"{case.connection.url} is reached through the proxy {name} of the environment"
        yield Finding("address", OK, text, "If that is wrong, set use_proxy: false", {"proxy": name})
        return
    try:
        found = socket.getaddrinfo(case.host, case.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        case.reachable = False
        yield Finding("address", PROBLEM, f"{case.host} does not resolve", "Check url and the name service")
        return
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    yield Finding("address", OK, f"{case.host} is {', '.join(addresses)}", None, {"addresses": addresses})


def _host_of(proxy: str) -> str | None:
    """Return the host of a proxy's address, which may hold a password too."""
    try:
        return urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname
    except ValueError:
        return None


def _reachability(case: _Case) -> Iterator[Finding]:
    if case.proxy or not case.reachable:
        reason = "a proxy is used" if case.proxy else "the address is not known"
        yield Finding("connection", SKIPPED, f"Not tried, because {reason}")
        return
    start = time.monotonic()
    try:
        socket.create_connection((case.host, case.port), timeout=case.connection.timeout).close()
    except OSError as error:
        case.reachable = False
        reason = "no answer" if isinstance(error, TimeoutError) else str(error.strerror or error).lower()
        text = f"Port {case.port} of {case.host} cannot be reached: {reason}"
        yield Finding("connection", PROBLEM, text, "Check url, firewalls, and that the server is running")
        return
    milliseconds = round((time.monotonic() - start) * 1000)
    yield Finding("connection", OK, f"Port {case.port} answers after {milliseconds} ms", None, {"ms": milliseconds})


def _tls(case: _Case) -> Iterator[Finding]:
    if not case.connection.url.startswith("https:"):
        text = "The connection is not encrypted: whoever listens reads the answers, PINs among them"
        yield Finding("tls", WARNING, text, "Use an https:// url")
        return
    if case.proxy or not case.reachable:
        yield Finding("tls", SKIPPED, "Not tried, because the server is not reached directly")
        return
    try:
        trusted = _shake_hands(case, _trusting(case.connection))
    except ssl.SSLCertVerificationError as error:
        yield from _untrusted(case, error)
        return
    except (OSError, ValueError) as error:
        case.reachable = False
        reason = str(
            getattr(error, "reason", None) or getattr(error, "strerror", None) or "the connection broke off"
        ).lower()
        reason = "no answer" if isinstance(error, TimeoutError) else reason.replace("_", " ")
        text = f"No TLS connection with {case.host} port {case.port}: {reason}"
        yield Finding("tls", PROBLEM, text, "Check that the server speaks TLS 1.2 or later on this port")
        return
    yield from _certificate(case, trusted)


def _trusting(connection: Connection) -> ssl.SSLContext:
    path = connection.ca_path
    if path is None:
        return ssl.create_default_context()
    if os.path.isdir(path):
        return ssl.create_default_context(capath=path)
    return ssl.create_default_context(cafile=path)


def _shake_hands(case: _Case, context: ssl.SSLContext) -> dict[str, Any]:
    if case.connection.client_cert:
        context.load_cert_chain(case.connection.client_cert, case.connection.client_key)
    if not case.connection.validate_certs:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((case.host, case.port), timeout=case.connection.timeout) as plain:
        plain.settimeout(case.connection.timeout)
        with context.wrap_socket(plain, server_hostname=case.host) as secure:
            cipher = secure.cipher()
            return {
                "version": secure.version(),
                "cipher": cipher[0] if cipher else None,
                **_described(secure.getpeercert(binary_form=True)),
            }


def _described(certificate: bytes | None) -> dict[str, Any]:
    """Return what a person looks for in a certificate; nothing where the library to read it is missing."""
    if certificate is None:
        return {}
    try:
        from cryptography import x509

        parsed = x509.load_der_x509_certificate(certificate)
        names: list[str] = []
        with suppress(x509.ExtensionNotFound):
            alternatives = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            names = [str(getattr(name, "value", name)) for name in alternatives]
        # The properties with a time zone are newer than the oldest release that is supported.
        expires = getattr(parsed, "not_valid_after_utc", None) or parsed.not_valid_after.replace(
            tzinfo=datetime.timezone.utc
        )
        return {
            "subject": parsed.subject.rfc4514_string(),
            "issuer": parsed.issuer.rfc4514_string(),
            "names": names,
            "not_after": expires.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    except Exception:
        # The library is missing, or the certificate is malformed in one of the many ways that it knows.
        return {}


def _untrusted(case: _Case, error: ssl.SSLCertVerificationError) -> Iterator[Finding]:
    """Look at the certificate that was refused, without trusting it: nothing is sent over this connection."""
    case.reachable = False
    look = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    look.check_hostname, look.verify_mode = False, ssl.CERT_NONE
    details: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        details = _shake_hands(case, look)
    reason = error.verify_message.rstrip(".")
    issuer = f"; it is issued by {details['issuer']} for {', '.join(details['names'])}" if "issuer" in details else ""
    remedy = "Set ca_path to the PEM file of the CA that signed it, and use a host name in url that it is issued for"
    yield Finding("tls", PROBLEM, f"The certificate is not trusted: {reason}{issuer}", remedy, details)


def _certificate(case: _Case, details: dict[str, Any]) -> Iterator[Finding]:
    text = f"{details['version']}, {details['cipher']}"
    if "not_after" not in details:
        yield Finding("tls", OK, text, None, details)
        return
    text += f", a certificate of {details['issuer']} that is valid until {details['not_after']}"
    expires = datetime.datetime.strptime(details["not_after"], "%Y-%m-%dT%H:%M:%SZ")
    left = (expires.replace(tzinfo=datetime.timezone.utc) - datetime.datetime.now(datetime.timezone.utc)).days
    if not case.connection.validate_certs:
        remedy = "Set ca_path instead of validate_certs: false"
        yield Finding("tls", WARNING, f"{text}, and is not verified", remedy, details)
    elif left < _EXPIRES_SOON:
        yield Finding("tls", WARNING, f"{text}, {left} days from now", "Have it renewed", details)
    else:
        yield Finding("tls", OK, text, None, details)


def _offers(case: _Case) -> Iterator[Finding]:
    """Ask without credentials: what the server offers, and its clock."""
    if not case.reachable:
        yield Finding("offers", SKIPPED, "Not asked, because the server is not reached")
        return
    call = Call("GET", f"{case.connection.base}/requests", "asking what it offers", {"status": "None"})
    try:
        with closing(Session(case.connection, auth.Fixed("none", None))) as session:
            case.reply = session.send(call, case.connection.timeout)
    except MimcmError as error:
        case.reachable = False
        yield _from_error("offers", error)
        return
    yield _offered(case.reply, case.login.method)


def _offered(reply: Reply, method: str) -> Finding:
    offers = list(dict.fromkeys(offer.lower() for offer in reply.offers))
    named = named_schemes(reply.offers)
    details = {"http_status": reply.status, "schemes": named}
    if reply.status != 401:
        text = f"The server answers {reply.status} without asking who is there"
        return Finding("offers", OK if method == "none" or 300 > reply.status >= 200 else WARNING, text, None, details)
    text = f"The server asks for {', '.join(named) or 'a login, and names no method'}"
    wanted = _SCHEMES.get(method, ("bearer",))
    if method == "none":
        return Finding("offers", PROBLEM, text, "Set auth_method", details)
    if any(scheme in offers for scheme in wanted) or (method in ("token", "adfs") and not offers):
        return Finding("offers", OK, text, None, details)
    remedy = f"Set another auth_method than {method}, or enable {wanted[0].capitalize()} for the application in IIS"
    return Finding("offers", PROBLEM, text, remedy, details)


def _clock(case: _Case) -> Iterator[Finding]:
    date = case.reply.headers.get("Date") if case.reply else None
    try:
        theirs = email.utils.parsedate_to_datetime(date) if date else None
    except (TypeError, ValueError):
        theirs = None
    if theirs is None:
        yield Finding("clock", SKIPPED, "The server's time is not known")
        return
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=datetime.timezone.utc)
    seconds = round((theirs - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
    text = f"The server's clock differs by {abs(seconds)} s"
    if abs(seconds) > _SKEW:
        remedy = "Set the clocks by the domain's time (chronyc makestep); Kerberos allows five minutes"
        yield Finding("clock", WARNING, text, remedy, {"seconds": seconds})
    else:
        yield Finding("clock", OK, text, None, {"seconds": seconds})


def _kerberos(case: _Case) -> Iterator[Finding]:
    method = case.login.method
    if method not in ("kerberos", "negotiate") or not (_version("gssapi") and _version("krb5")):
        yield Finding("kerberos", SKIPPED, f"Not looked at: auth_method is {method}, or its libraries are missing")
        return
    details: dict[str, Any] = {
        "krb5_config": os.environ.get("KRB5_CONFIG") or "/etc/krb5.conf",
        "service": f"HTTP/{case.host}",
    }
    if case.login.password:
        yield Finding("kerberos", OK, f"A ticket for {case.login.username} is got by password", None, details)
    elif case.login.keytab:
        yield _keytab(case, case.login.keytab, details)
    else:
        yield _ticket(case, case.login.ticket_cache, details)


def _keytab(case: _Case, path: str, details: dict[str, Any]) -> Finding:
    import krb5

    details["keytab"] = path
    try:
        entries = list(krb5.kt_resolve(krb5.init_context(), path.encode()))
    except Exception as error:
        # krb5's exceptions have no root of their own.
        what, remedy = explained(error, case.login, case.host)
        return _no_ticket(case, f"{what} (keytab: {path})", remedy, details)
    details["principals"] = sorted({str(entry.principal) for entry in entries})
    return Finding("kerberos", OK, f"The keytab {path} is for {', '.join(details['principals'])}", None, details)


def _ticket(case: _Case, cache: str | None, details: dict[str, Any]) -> Finding:
    import gssapi

    store = {"ccache": cache} if cache else None
    details["ticket_cache"] = cache or _default_cache()
    try:
        credentials = gssapi.Credentials(usage="initiate", store=store)
        name, lifetime = str(credentials.name), int(credentials.lifetime or 0)
    except Exception as error:
        # gssapi's exceptions are made at run time, from the numbers of the library below.
        what, remedy = explained(error, case.login, case.host)
        return _no_ticket(case, f"{what} (ticket cache: {details['ticket_cache']})", remedy, details)
    details |= {"principal": name, "lifetime": lifetime}
    text = f"A ticket of {name} is valid for {lifetime // 60} minutes"
    if lifetime <= 0:
        return _no_ticket(case, f"the ticket of {name} has expired", f"run kinit {name} again", details)
    return Finding("kerberos", OK, text, None, details)


def _default_cache() -> str:
    import krb5

    try:
        return krb5.cc_default_name(krb5.init_context()).decode(errors="replace")
    except Exception:
        # krb5.conf itself cannot be read; the ticket is looked for all the same, and that says why.
        return "the default of krb5.conf"


def _no_ticket(case: _Case, what: str, remedy: str, details: dict[str, Any]) -> Finding:
    case.has_ticket = False
    return Finding("kerberos", PROBLEM, _sentence(what), _sentence(remedy), details)


def _sign_in(case: _Case) -> Iterator[Finding]:
    """Sign in and ask the API something that hardly costs it anything."""
    if not (case.reachable and case.has_ticket):
        reason = "there is no ticket" if case.reachable else "the server is not reached"
        yield Finding("sign_in", SKIPPED, f"Not tried, because {reason}")
        yield Finding("api", SKIPPED, f"Not tried, because {reason}")
        return
    method = case.login.method
    try:
        client = connect({**case.params, "retries": 0})
    except MimcmError as error:
        yield _from_error("sign_in", error)
        yield Finding("api", SKIPPED, "Not asked, because nobody is signed in")
        return
    try:
        answer = _answer(lambda: client.list_requests(status="None"))
        negotiated = client.signed_in_with
    finally:
        client.close()
    if answer is not None and not isinstance(answer, (Forbidden, NotFound, ServerError)):
        yield _from_error("sign_in", answer)
        yield Finding("api", SKIPPED, "Not asked, because nobody is signed in")
        return
    how = negotiated or ("nobody signs in" if method == "none" else "a bearer token")
    details = {"method": method, "negotiated": negotiated}
    yield Finding("sign_in", OK, f"The server accepts auth_method {method}: {how}", None, details)
    yield _api(case, answer)


def _api(case: _Case, answer: MimcmError | None) -> Finding:
    if answer is None:
        return Finding("api", OK, f"The API answers at {case.connection.base}")
    if isinstance(answer, NotFound):
        text = f"There is no API at {case.connection.base} (404)"
        return Finding("api", PROBLEM, text, "Set Clm.WebApi.Enabled to true in Web.config, or correct api_path")
    return _from_error("api", answer)


def _answer(ask: Callable[[], Any]) -> MimcmError | None:
    try:
        ask()
    except MimcmError as error:
        return error
    return None


def _from_error(check: str, error: MimcmError) -> Finding:
    """Return an error's sentence as what was found and what to do next."""
    found, _separator, remedy = str(error).rpartition("; ")
    remedy = remedy.rstrip(".")
    return Finding(check, PROBLEM, found or remedy, _sentence(remedy) if found else None)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


_CHECKS: tuple[Callable[[_Case], Iterator[Finding]], ...] = (
    _libraries,
    _address,
    _reachability,
    _tls,
    _offers,
    _clock,
    _kerberos,
    _sign_in,
)

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the network: the server's address, its port, the authentication schemes it offers, and its clock."""

from __future__ import annotations

import datetime
import email.utils
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import fixed
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.diagnosis.case import (
    OK,
    PROBLEM,
    SKIPPED,
    WARNING,
    Case,
    CheckResult,
    from_error,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    MimcmError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.connecting import connected, within
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.failures import named_schemes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call, Reply
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.session import Session

# The difference between two clocks that Kerberos accepts (RFC 4120, section 1.6), in seconds.
_SKEW = 300


_SCHEMES = {"negotiate": ("negotiate", "ntlm"), "kerberos": ("negotiate",), "ntlm": ("ntlm", "negotiate")}


def proxy_of(connection: Connection) -> str | None:
    """Return the proxy that the environment sets for a connection, None without one."""
    parts = urlsplit(connection.url)
    if not connection.use_proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def check_address(case: Case) -> Iterator[CheckResult]:
    """Check that the host name resolves, or name the proxy."""
    if case.proxy:
        name = _host_of(case.proxy)
        text = f"{case.connection.url} is reached through the proxy {name}, which the environment sets"
        yield CheckResult("address", OK, text, "If that is wrong, set use_proxy: false", {"proxy": name})
        return
    try:
        found = within(
            case.connection.timeout, lambda: socket.getaddrinfo(case.host, case.port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError):
        case.reachable = False
        yield CheckResult("address", PROBLEM, f"{case.host} does not resolve", "Check url and DNS")
        return
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    yield CheckResult("address", OK, f"{case.host} is {', '.join(addresses)}", None, {"addresses": addresses})


def _host_of(proxy: str) -> str | None:
    """Return only the host of a proxy's address, which may contain a password too."""
    try:
        return urlsplit(proxy if "//" in proxy else f"//{proxy}").hostname
    except ValueError:
        return None


def check_reachability(case: Case) -> Iterator[CheckResult]:
    """Check that the server's port accepts connections."""
    if case.proxy or not case.reachable:
        reason = "a proxy is used" if case.proxy else "the address is not known"
        yield CheckResult("connection", SKIPPED, f"Not tried, because {reason}")
        return
    start = time.monotonic()
    try:
        connected(case.host, case.port, start + case.connection.timeout).close()
    except OSError as error:
        case.reachable = False
        reason = "no answer" if isinstance(error, TimeoutError) else str(error.strerror or error).lower()
        text = f"Port {case.port} of {case.host} cannot be reached: {reason}"
        yield CheckResult("connection", PROBLEM, text, "Check url, firewalls, and that the server is running")
        return
    milliseconds = round((time.monotonic() - start) * 1000)
    yield CheckResult("connection", OK, f"Port {case.port} answers after {milliseconds} ms", None, {"ms": milliseconds})


def check_offers(case: Case) -> Iterator[CheckResult]:
    """Make a call without credentials, whose reply shows the offered authentication schemes and the server's time."""
    if not case.reachable:
        yield CheckResult("offers", SKIPPED, "Not tried, because the server cannot be reached")
        return
    call = Call("GET", f"{case.connection.base}/requests", "asking for its authentication schemes", {"status": "None"})
    try:
        with closing(Session(case.connection, fixed.Fixed("none", None))) as session:
            case.reply = session.send(call, case.connection.timeout)
    except MimcmError as error:
        case.reachable = False
        yield from_error("offers", error)
        return
    yield _offered(case.reply, case.login.method)


def _offered(reply: Reply, method: str) -> CheckResult:
    offers = list(dict.fromkeys(offer.lower() for offer in reply.offers))
    named = named_schemes(reply.offers)
    details = {"http_status": reply.status, "schemes": named}
    if reply.status != 401:
        text = f"The server answers {reply.status} without asking for credentials"
        return CheckResult(
            "offers", OK if method == "none" or 300 > reply.status >= 200 else WARNING, text, None, details
        )
    text = f"The server asks for {', '.join(named) or 'credentials, but offers no known scheme'}"
    wanted = _SCHEMES.get(method, ("bearer",))
    if method == "none":
        return CheckResult("offers", PROBLEM, text, "Set auth_method", details)
    if any(scheme in offers for scheme in wanted) or (method in ("token", "adfs") and not offers):
        return CheckResult("offers", OK, text, None, details)
    remedy = f"Set another auth_method than {method}, or enable {wanted[0].capitalize()} for the application in IIS"
    return CheckResult("offers", PROBLEM, text, remedy, details)


def check_clock(case: Case) -> Iterator[CheckResult]:
    """Compare the server's clock with the one of this host."""
    date = case.reply.headers.get("Date") if case.reply else None
    try:
        theirs = email.utils.parsedate_to_datetime(date) if date else None
    except (TypeError, ValueError):
        theirs = None
    if theirs is None:
        yield CheckResult("clock", SKIPPED, "The server's time is not known")
        return
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=datetime.timezone.utc)
    seconds = round((theirs - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
    text = f"The server's clock differs by {abs(seconds)} s"
    if abs(seconds) > _SKEW:
        remedy = (
            "Synchronise both clocks with the domain (chronyc makestep); Kerberos allows a difference of five minutes"
        )
        yield CheckResult("clock", WARNING, text, remedy, {"seconds": seconds})
    else:
        yield CheckResult("clock", OK, text, None, {"seconds": seconds})

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import ssl
import sys
from pathlib import Path

from mimcm_simulator.access import Access
from mimcm_simulator.certificates import Tls, given, throw_away
from mimcm_simulator.files import ntlm_users, published
from mimcm_simulator.serve import Place

from .app import application
from .people import People
from .serve import serve
from .signing import public_pem
from .state import CONFIDENTIAL_GRANTS, PUBLIC_GRANTS, Client, Settings, State

# What Microsoft's script registers for MIM CM.
CLIENT_ID = "70A8B8B1-862C-4473-80AB-4E55BAE45B4F"
REDIRECT_URI = "http://localhost/"
RESOURCE = "https://localhost/certificatemanagement"


class CannotStart(Exception):
    """The server cannot start; the text is one sentence for the user."""


def parser() -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(prog="adfs", description="A stand-in for the OAuth 2.0 endpoints of AD FS.")
    out.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    out.add_argument("--port", type=int, default=8444, help="port; 0 picks a free one (default: %(default)s)")
    out.add_argument("--port-file", type=Path, metavar="FILE", help="write the port there when ready")
    out.add_argument("--key-out", type=Path, metavar="FILE", help="write the public token-signing key there, in PEM")
    out.add_argument(
        "--exit-with-parent", action="store_true", help="stop when stdin closes or the parent process ends"
    )
    _transport(out)
    _registrations(out)
    _sign_in(out)
    _behaviour(out)
    return out


def _transport(out: argparse.ArgumentParser) -> None:
    group = out.add_argument_group("TLS")
    group.add_argument("--tls", action="store_true", help="use a certificate of a throw-away CA")
    group.add_argument("--ca-file", type=Path, metavar="FILE", help="write the CA of --tls there")
    group.add_argument("--cert", type=Path, metavar="FILE", help="certificate chain in PEM")
    group.add_argument("--key", type=Path, metavar="FILE", help="its key, if not in the same file")


def _registrations(out: argparse.ArgumentParser) -> None:
    group = out.add_argument_group("registrations, each may be repeated")
    group.add_argument("--client-id", action="append", metavar="ID", help=f"public client (default: {CLIENT_ID})")
    group.add_argument("--confidential", action="append", default=[], metavar="ID:SECRET", help="confidential client")
    group.add_argument(
        "--redirect-uri", action="append", metavar="URI", help=f"of all clients (default: {REDIRECT_URI})"
    )
    group.add_argument("--resource", action="append", metavar="URI", help=f"relying party (default: {RESOURCE})")


def _sign_in(out: argparse.ArgumentParser) -> None:
    group = out.add_argument_group("sign-in")
    group.add_argument(
        "--user", action="append", default=[], metavar=r"DOMAIN\NAME:PASSWORD", help="for NTLM, form and password grant"
    )
    group.add_argument("--upn-suffix", default="example.test", help="of these users (default: %(default)s)")
    group.add_argument("--trust-remote-user", action="store_true", help="believe X-Remote-User of a reverse proxy")
    group.add_argument("--forms-only", action="store_true", help="show a form to every agent")
    group.add_argument("--wia-agents", metavar="PARTS", help="comma-separated; an agent with none of them gets a form")
    group.add_argument("--wia-redirect", action="store_true", help="send agents to .../authorize/wia for the 401")
    group.add_argument(
        "--require-channel-bindings", action="store_true", help="refuse handshakes without TLS channel bindings"
    )


def _behaviour(out: argparse.ArgumentParser) -> None:
    group = out.add_argument_group("behaviour")
    group.add_argument("--no-password-grant", action="store_true", help="clients may not use it: unauthorized_client")
    group.add_argument("--only-code", action="store_true", help="code and refresh token only, as in 2012 R2")
    group.add_argument("--lifetime", type=int, default=3600, metavar="SECONDS", help="of access tokens (%(default)s)")
    group.add_argument(
        "--refresh-lifetime", type=float, default=28800, metavar="SECONDS", help="of refresh tokens (%(default)s)"
    )
    group.add_argument("--code-lifetime", type=float, default=600, metavar="SECONDS", help="of codes (%(default)s)")
    group.add_argument(
        "--expired-refresh-status", type=int, choices=(400, 401), default=400, help="for an expired refresh token"
    )
    group.add_argument(
        "--error-page-status", type=int, choices=(200, 400), default=200, help="of the HTML error page (%(default)s)"
    )


def _user(value: str) -> tuple[str, str, str]:
    name, colon, password = value.partition(":")
    domain, _dummy, user = name.rpartition("\\")
    if not colon or not user or ":" in password:
        raise CannotStart(r"A user must be given as DOMAIN\name:password, and the password cannot hold a colon.")
    return domain, user, password


def _clients(options: argparse.Namespace) -> tuple[Client, ...]:
    redirects = tuple(options.redirect_uri or [REDIRECT_URI])
    off = {"password"} if options.no_password_grant else set()
    out = []
    for client_id in options.client_id or ([] if options.confidential else [CLIENT_ID]):
        out.append(Client(client_id, redirects, PUBLIC_GRANTS - off))
    for value in options.confidential:
        client_id, _dummy, secret = value.partition(":")
        if not secret:
            raise CannotStart("A confidential client must be given as id:secret.")
        out.append(Client(client_id, redirects, CONFIDENTIAL_GRANTS - off, secret))
    return tuple(out)


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        clients=_clients(options),
        resources=tuple(options.resource or [RESOURCE]),
        people=People(tuple(_user(user) for user in options.user), options.upn_suffix.lower()),
        only_code=options.only_code,
        code_lifetime=options.code_lifetime,
        refresh_lifetime=options.refresh_lifetime,
        expired_refresh_status=options.expired_refresh_status,
        error_page_status=options.error_page_status,
        trust_remote_user=options.trust_remote_user,
        forms_only=options.forms_only,
        wia_agents=tuple(part.strip() for part in (options.wia_agents or "").split(",") if part.strip()),
        wia_redirect=options.wia_redirect,
    )


def _tls(options: argparse.Namespace) -> Tls | None:
    if options.cert and options.tls:
        raise CannotStart("--tls makes a certificate of its own: leave it out, or leave out --cert.")
    try:
        return given(options.cert, options.key) if options.cert else throw_away(options.host) if options.tls else None
    except (OSError, ValueError) as problem:
        raise CannotStart(f"The certificate {options.cert} cannot be used: {problem}.") from problem


def _run(options: argparse.Namespace) -> None:
    tls = _tls(options)
    if (options.ca_file or options.require_channel_bindings) and not tls:
        raise CannotStart("--ca-file needs --tls, and --require-channel-bindings --tls or --cert.")
    settings = _settings(options)
    state = State(settings, max(options.lifetime, 0))
    windows = Access(
        schemes=frozenset({"negotiate", "ntlm"}),
        end_point=tls.end_point if tls else None,
        require_bindings=options.require_channel_bindings,
    )
    place = Place(options.host, options.port, tls, options.port_file, exit_with_parent=options.exit_with_parent)
    # Authlib refuses http unless it is told that this is a test.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    with contextlib.ExitStack() as files:
        files.enter_context(ntlm_users(list(settings.people.known)))
        files.enter_context(published(options.key_out, public_pem(state.key)))
        files.enter_context(published(options.ca_file, tls.ca or b"" if tls else b""))
        asyncio.run(serve(application(state, windows), place, files))


def main(arguments: list[str] | None = None) -> int:
    try:
        _run(parser().parse_args(arguments))
    except (CannotStart, OSError, OverflowError, ssl.SSLError) as problem:
        print(f"adfs: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # Before the signal handler is in place; there is nothing to clean up yet.
        return 0
    return 0

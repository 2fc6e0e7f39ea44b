# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import ssl
import sys
from pathlib import Path

from . import access, documented
from .call import Options
from .certificates import Tls, given, throw_away
from .clock import Clock
from .files import ntlm_users
from .readers import ScenarioError
from .scenario import read_file
from .serve import Place, serve
from .state import State, load_world

BASE = "/CertificateManagement/api/v1.0"
TOKEN_VARIABLE = "MIMCM_SIMULATOR_TOKEN"


class CannotStart(Exception):
    """The server cannot start; the text is one sentence for the user."""


def parser() -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(prog="simulator", description="A reference server for the MIM CM REST API.")
    out.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    out.add_argument("--port", type=int, default=8443, help="port; 0 picks a free one (default: %(default)s)")
    out.add_argument("--api-path", default=BASE, help="base path of the API (default: %(default)s)")
    out.add_argument("--api-disabled", action="store_true", help="answer every API call with the 404 of IIS")
    out.add_argument("--unknown-item", type=int, choices=(204, 404), default=204, help="answer for an unknown item")
    out.add_argument(
        "--policy-route",
        choices=("policies", "policy/workflow", "both"),
        default="policies",
        help="which documented spelling of the policy route exists (default: %(default)s)",
    )
    out.add_argument("--scenario", type=Path, metavar="FILE", help="YAML file with the objects of the world")
    out.add_argument(
        "--documented",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="load the documented objects and serve the documented examples (default: yes)",
    )
    out.add_argument(
        "--clock",
        choices=("real", "stopped"),
        default="real",
        help="whether the time passes by itself, or only when it is turned (default: %(default)s)",
    )
    _authentication(out)
    _transport(out)
    out.add_argument("--port-file", type=Path, metavar="FILE", help="write the port there when ready")
    out.add_argument("--pid-file", type=Path, metavar="FILE", help="write the process id there when ready")
    out.add_argument(
        "--exit-with-parent", action="store_true", help="stop when stdin closes or the parent process ends"
    )
    return out


def _authentication(out: argparse.ArgumentParser) -> None:
    group = out.add_argument_group("authentication")
    group.add_argument(
        "--auth",
        action="append",
        metavar="SCHEME",
        help=f"one of {', '.join(access.SCHEMES)}; repeat or separate by commas (default: none)",
    )
    group.add_argument("--token", action="append", default=[], help=f"bearer token; or set {TOKEN_VARIABLE}")
    group.add_argument("--token-key", type=Path, metavar="FILE", help="accept tokens of AD FS: its public key in PEM")
    group.add_argument("--token-audience", metavar="URI", help="the relying party that these tokens must be for")
    group.add_argument("--user", action="append", default=[], metavar=r"DOMAIN\NAME:PASSWORD", help="NTLM user")
    group.add_argument("--persist-kerberos", action="store_true", help="keep a Kerberos user with the connection")
    group.add_argument(
        "--require-channel-bindings", action="store_true", help="refuse tokens without TLS channel bindings"
    )


def _transport(out: argparse.ArgumentParser) -> None:
    group = out.add_argument_group("TLS")
    group.add_argument("--tls", action="store_true", help="use a certificate of a throw-away CA")
    group.add_argument("--ca-file", type=Path, metavar="FILE", help="write the CA of --tls there")
    group.add_argument("--cert", type=Path, metavar="FILE", help="certificate chain in PEM")
    group.add_argument("--key", type=Path, metavar="FILE", help="its key, if not in the same file")


def _schemes(values: list[str] | None) -> frozenset[str]:
    names = frozenset(name.strip() for value in values or ["none"] for name in value.split(","))
    unknown = sorted(names - set(access.SCHEMES))
    if unknown:
        raise CannotStart(f"{unknown[0]!r} is not an authentication scheme; use {', '.join(access.SCHEMES)}.")
    return names


def _user(value: str) -> tuple[str, str, str]:
    name, colon, password = value.partition(":")
    domain, _dummy, user = name.rpartition("\\")
    if not colon or not user or ":" in password:
        raise CannotStart(r"A user must be given as DOMAIN\name:password, and the password cannot hold a colon.")
    return domain, user, password


def _tls(options: argparse.Namespace) -> Tls | None:
    if options.cert and options.tls:
        raise CannotStart("--tls makes a certificate of its own: leave it out, or leave out --cert.")
    if options.ca_file and not options.tls:
        raise CannotStart("--ca-file needs --tls.")
    try:
        return given(options.cert, options.key) if options.cert else throw_away(options.host) if options.tls else None
    except (OSError, ValueError) as problem:
        raise CannotStart(f"The certificate {options.cert} cannot be used: {problem}.") from problem


def _has_kerberos() -> bool:
    """pyspnego's GSSAPI side imports both and is silently absent when one is missing."""
    return all(importlib.util.find_spec(name) for name in ("gssapi", "krb5"))


def _token_key(options: argparse.Namespace, schemes: frozenset[str]) -> bytes | None:
    if options.token_key is None and not options.token_audience:
        return None
    if options.token_key is None or not options.token_audience or "token" not in schemes:
        raise CannotStart("--token-key and --token-audience need each other, and --auth token.")
    if not importlib.util.find_spec("joserfc"):
        raise CannotStart("--token-key needs the Python package joserfc.")
    from joserfc.errors import JoseError
    from joserfc.jwk import RSAKey

    try:
        content: bytes = options.token_key.read_bytes()
        RSAKey.import_key(content)
    except (OSError, ValueError, JoseError) as problem:
        raise CannotStart(f"The key {options.token_key} cannot be used: {problem}.") from problem
    return content


def _access(options: argparse.Namespace, tls: Tls | None) -> access.Access:
    schemes = _schemes(options.auth)
    tokens = [*options.token, os.environ.pop(TOKEN_VARIABLE, "")]
    token_key = _token_key(options, schemes)
    if "token" in schemes and not any(tokens) and token_key is None:
        raise CannotStart(f"--auth token needs --token, --token-key or the variable {TOKEN_VARIABLE}.")
    if "ntlm" in schemes and not options.user:
        raise CannotStart("--auth ntlm needs --user.")
    if ("kerberos" in schemes or ("negotiate" in schemes and not options.user)) and not _has_kerberos():
        raise CannotStart("Kerberos needs the Python packages gssapi and krb5; Negotiate with --user does without.")
    if options.require_channel_bindings and not tls:
        raise CannotStart("--require-channel-bindings needs TLS.")
    return access.Access(
        schemes=schemes,
        tokens=tuple(token for token in tokens if token),
        token_key=token_key,
        token_audience=options.token_audience or "",
        end_point=tls.end_point if tls else None,
        require_bindings=options.require_channel_bindings,
        persist_kerberos=options.persist_kerberos,
    )


def _state(options: argparse.Namespace, tls: Tls | None) -> State:
    state = State(
        base="/" + options.api_path.strip("/"),
        access=_access(options, tls),
        options=Options(options.api_disabled, options.unknown_item, options.policy_route),
        documented=documented.load() if options.documented else [],
        scenario=read_file(options.scenario) if options.scenario else None,
        clock=Clock(stopped=options.clock == "stopped"),
    )
    load_world(state, state.scenario)
    return state


def _run(options: argparse.Namespace) -> None:
    tls = _tls(options)
    state = _state(options, tls)
    place = Place(
        options.host,
        options.port,
        tls,
        options.port_file,
        options.pid_file,
        options.ca_file,
        options.exit_with_parent,
    )
    with ntlm_users([_user(user) for user in options.user]):
        try:
            asyncio.run(serve(state, place))
        except (OSError, OverflowError) as problem:
            text = getattr(problem, "strerror", None) or str(problem)
            file = getattr(problem, "filename", None)
            if file:
                raise CannotStart(f"The file {file} cannot be written: {text}.") from problem
            raise CannotStart(f"The server cannot listen on {options.host} port {options.port}: {text}.") from problem


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        _run(options)
    except (CannotStart, ScenarioError, ssl.SSLError) as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # Before the signal handler is in place; there is nothing to clean up yet.
        return 0
    return 0

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocols between a session and its credentials, and the parsed challenge of a server. No I/O."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

_SCHEME = re.compile(r"(?:^|,)\s*([A-Za-z][\w-]*)(?=\s|,|$)(?:\s+([A-Za-z0-9+/]+=*)(?=\s*(?:,|$)))?")


_ESCAPED = re.compile(r"\\.", re.DOTALL)


@dataclass(frozen=True)
class Challenge:
    """The challenge that came with a 401.

    Args:
        schemes: Each scheme that the server offers, as it spells it, with the token beside it.
        host: The server's name.
        certificate: The server's certificate in DER, over TLS.
    """

    schemes: dict[str, bytes | None]
    host: str
    certificate: bytes | None = None

    def offered(self, scheme: str) -> bool:
        """Return whether the server offers a scheme, in any case."""
        return scheme.lower() in (name.lower() for name in self.schemes)

    def token(self, scheme: str) -> bytes | None:
        """Return the server's token for a scheme, None without one."""
        return next((token for name, token in self.schemes.items() if name.lower() == scheme.lower()), None)


class Handshake(Protocol):
    """An authentication handshake with one server on one connection."""

    @property
    def description(self) -> str:
        """The negotiated mechanism and scheme, for verbose output."""

    def answer(self, challenge: Challenge) -> str | None:
        """Return the next Authorization header, or None when there is nothing more to say."""

    def finish(self, challenge: Challenge) -> None:
        """Check the token that the server sent when it accepted the caller."""


class Credentials(Protocol):
    """The credentials of a login. Sessions in several threads share them, and hold their lock while they use them."""

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """The lock, which a session holds while it uses the credentials and for as long as a handshake lasts."""

    refused: bool
    """Whether a server has refused the credentials, so they are not tried again."""

    @property
    def method(self) -> str:
        """The login's auth_method, for messages."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets of the credentials, which no message may repeat."""

    @property
    def locks_out(self) -> bool:
        """Whether the domain counts each refused sign-in, and locks the account after a few."""

    def authorization(self) -> str | None:
        """Return the Authorization header to send with every call, if any."""

    def begin(self, host: str, certificate: bytes | None) -> tuple[Handshake, str] | None:
        """Return a handshake that begins before the server asks for it, and its first Authorization header.

        Args:
            host: The server's name.
            certificate: The server's certificate in DER, over TLS.
        """

    def handshake(self, challenge: Challenge) -> Handshake | None:
        """Return the handshake that answers a challenge, if there is one."""

    def succeeded(self, handshake: Handshake) -> None:
        """Note that the server accepted a handshake, so what was acquired for it can be used again."""

    def renew(self) -> bool:
        """After a refusal: acquire new credentials where that is possible, and return whether it was."""

    def acquire(self) -> Token:
        """Return a new bearer token.

        Raises:
            UsageError: The auth_method has no bearer tokens.
        """


@dataclass(frozen=True)
class Token:
    """A bearer token. repr() omits the secrets.

    Args:
        access: The token.
        refresh: The refresh token, with which a new token can be acquired, None without one.
        lifetime: How many seconds the token is valid, None if that is not known.
    """

    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    lifetime: float | None = None


def parse_schemes(headers: Iterable[str]) -> dict[str, bytes | None]:
    """Return the schemes and tokens of WWW-Authenticate headers."""
    found: dict[str, bytes | None] = {}
    for header in headers:
        for scheme, token in _SCHEME.findall(_without_quoted(header)):
            found[scheme] = _decoded(token)
    return found


def _without_quoted(header: str) -> str:
    """Return a header without the content of its quoted strings; one without an end lasts to the end of the header."""
    return '""'.join(_ESCAPED.sub("", header).split('"')[::2])


def _decoded(token: str) -> bytes | None:
    try:
        return base64.b64decode(token) if token else None
    except binascii.Error:
        return None

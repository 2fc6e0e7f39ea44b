# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Credentials that never change: a bearer token that was passed in, or none."""

from __future__ import annotations

from threading import RLock

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    UsageError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.credentials import (
    Challenge,
    Handshake,
    Token,
)


class Fixed:
    """The same header with every call, or none; no handshakes.

    Args:
        method: The login's auth_method.
        header: The Authorization header.
        secrets: The secrets that no message may repeat.
    """

    def __init__(self, method: str, header: str | None, secrets: tuple[str, ...] = ()) -> None:
        self.method = method
        self.lock = RLock()
        self.refused = False
        self._header = header
        self._secrets = secrets

    @property
    def secrets(self) -> tuple[str, ...]:
        """See Credentials."""
        return self._secrets

    @property
    def locks_out(self) -> bool:
        """See Credentials."""
        return False

    def authorization(self) -> str | None:
        """See Credentials."""
        return self._header

    def begin(self, host: str, certificate: bytes | None) -> tuple[Handshake, str] | None:
        """See Credentials."""
        return None

    def handshake(self, challenge: Challenge) -> Handshake | None:
        """See Credentials."""
        return None

    def succeeded(self, handshake: Handshake) -> None:
        """See Credentials."""

    def renew(self) -> bool:
        """See Credentials."""
        return False

    def acquire(self) -> Token:
        """See Credentials."""
        raise without_token(self.method)


def without_token(method: str) -> UsageError:
    """Return the error for asking an auth_method without bearer tokens for one."""
    return UsageError(
        f"auth_method {method} has no bearer token to return",
        remedy="set auth_method: adfs, and adfs_url, to sign in at AD FS",
    )

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The users of the directory, and the names they go by."""

from __future__ import annotations

import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class User:
    """A signed-in user, as the claims of a token name one."""

    upn: str
    account: str
    method: str = "WindowsAuthentication"


@dataclass(frozen=True)
class People:
    """Users with passwords: (NetBIOS domain, name, password). Kerberos has users of its own."""

    known: tuple[tuple[str, str, str], ...] = ()
    suffix: str = "example.test"

    def named(self, name: str) -> User:
        r"""The user of a DOMAIN\name, a Kerberos principal, a UPN or a bare name.

        NetBIOS domains and realms cannot be derived from each other: that is what the directory knows, and
        --upn-suffix says here.
        """
        domain, _dummy, account = name.rpartition("\\")
        account, at, realm = account.partition("@")
        suffix = realm.lower() if at else self.suffix
        netbios = (domain or suffix.partition(".")[0]).upper()
        return User(f"{account.lower()}@{suffix}", f"{netbios}\\{account}")

    def signed_in(self, name: str, password: str) -> User | None:
        r"""Who gave name and password. As at AD FS, the name is a UPN or DOMAIN\name, never bare."""
        for domain, account, own in self.known:
            names = {f"{domain}\\{account}".lower(), f"{account}@{self.suffix}".lower()}
            if name.lower() in names and hmac.compare_digest(password.encode(), own.encode()):
                found = self.named(f"{domain}\\{account}")
                return User(
                    found.upn, found.account, "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
                )
        return None

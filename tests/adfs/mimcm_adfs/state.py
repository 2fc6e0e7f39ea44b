# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server knows: its registrations, and the codes and refresh tokens that are out."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import RSAKey

from .people import People, User
from .signing import new_key, signed

PUBLIC_GRANTS = frozenset({"authorization_code", "refresh_token", "password"})
CONFIDENTIAL_GRANTS = PUBLIC_GRANTS | {"client_credentials"}


@dataclass(frozen=True)
class Client:
    """A registration of Add-AdfsClient, in the form that Authlib asks for."""

    client_id: str
    redirect_uris: tuple[str, ...]
    grants: frozenset[str]
    secret: str | None = None

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        # AD FS wants it in each request.
        return ""

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants

    def authenticates(self, secret: str) -> bool:
        """A public client has no secret, and must not send any."""
        return hmac.compare_digest(secret.encode(), (self.secret or "").encode())


@dataclass(frozen=True)
class Issued:
    """The user, client and resource that a code or a refresh token was issued for."""

    client_id: str
    user: User
    resource: str
    until: float
    redirect_uri: str = ""
    code_challenge: str | None = None
    code_challenge_method: str | None = None

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return ""

    def check_client(self, client: Client) -> bool:
        return client.client_id == self.client_id


@dataclass(frozen=True)
class Settings:
    clients: tuple[Client, ...] = ()
    resources: tuple[str, ...] = ()
    people: People = field(default_factory=People)
    # Windows Server 2012 R2 has no other grants than the code and the refresh token.
    only_code: bool = False
    code_lifetime: float = 600
    refresh_lifetime: float = 28800
    expired_refresh_status: int = 400
    error_page_status: int = 200
    trust_remote_user: bool = False
    forms_only: bool = False
    wia_agents: tuple[str, ...] = ()
    wia_redirect: bool = False


@dataclass
class State:
    settings: Settings
    lifetime: int = 3600
    key: RSAKey = field(default_factory=new_key)
    codes: dict[str, Issued] = field(default_factory=dict)
    refreshes: dict[str, Issued] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    clock: Callable[[], float] = time.time

    def client(self, client_id: str | None) -> Client | None:
        return next((client for client in self.settings.clients if client.client_id == client_id), None)

    def take_code(self, code: str) -> Issued | None:
        """A code is spent by its first use, whether or not that succeeds."""
        found = self.codes.pop(code, None)
        return found if found and found.until > self.clock() else None

    def answer(
        self, issuer: str, client: Client, user: User | None, resource: str, refreshable: bool, refreshed: bool
    ) -> dict[str, Any]:
        """The answer of the token endpoint. A refresh brings no new refresh token: the old one goes on."""
        out: dict[str, Any] = {
            "access_token": self._access_token(issuer, client, user, resource),
            "token_type": "bearer",
            "expires_in": self.lifetime,
        }
        if user is not None and not refreshed:
            out["resource"] = resource
        if user is not None and refreshable:
            token, lifetime = secrets.token_urlsafe(64), self.settings.refresh_lifetime
            self.refreshes[token] = Issued(client.client_id, user, resource, self.clock() + lifetime)
            out |= {"refresh_token": token, "refresh_token_expires_in": int(lifetime)}
        return out

    def _access_token(self, issuer: str, client: Client, user: User | None, resource: str) -> str:
        now = int(self.clock())
        claims: dict[str, Any] = {
            "aud": resource,
            "iss": issuer,
            "iat": now,
            "exp": now + self.lifetime,
            "apptype": "Public" if client.secret is None else "Confidential",
            "appid": client.client_id,
            "ver": "1.0",
        }
        if user is not None:
            claims |= {"upn": user.upn, "winaccountname": user.account, "authmethod": user.method}
        return signed(self.key, claims)

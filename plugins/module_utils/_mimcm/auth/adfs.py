# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bearer tokens from AD FS: acquired without a browser, renewed before they expire and after a refusal.

AD FS of Windows Server 2012 R2 supports the authorization code and the refresh token for public clients; 2016 and later
also the resource owner's password and client credentials. All of them require the relying party as C(resource).
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import re
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth import choose
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.auth.fixed import Fixed
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AuthenticationFailed,
    InvalidAnswer,
    ServerUnavailable,
    Transient,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Connection, Login
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import repeats
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.credentials import Token
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.failures import (
    proxy_failed,
    refused_login,
    told,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Call, Reply
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.session import Session

# AD FS shows unknown browsers a sign-in form. This agent is on its list of those that use Windows authentication
# (Get-AdfsProperties, WIASupportedUserAgents) since 2012 R2.
_AGENT = "certops.mimcm MSAuthHost/1.0/In-Domain"
_DOING = "signing in at AD FS"
_REDIRECTS = 10
# A token is renewed this many seconds before it expires, or after nine tenths of a short life.
_MARGIN, _SHARE = 60.0, 0.9
_ERROR_NAME = re.compile(r"[a-z_]{1,40}")

# The error names of RFC 6749, section 5.2, and AD FS's own name for an unknown relying party.
_REMEDIES = {
    "invalid_grant": "check username and password, or sign in again if the refresh token has expired",
    "invalid_client": "check client_id and client_secret (Get-AdfsClient)",
    "unauthorized_client": "check client_id, and whether AD FS allows it this grant_type",
    "unsupported_grant_type": "choose another grant_type; this AD FS does not support the requested one",
    "invalid_resource": "set resource to the identifier of the relying party trust (Get-AdfsRelyingPartyTrust)",
}
_MSIS = re.compile(rb"MSIS\d{4}")
_OTHER_REMEDY = "check client_id, redirect_uri and resource (Get-AdfsClient, Get-AdfsRelyingPartyTrust)"


Send = Callable[[Call], Reply]
"""Sends one call to AD FS and returns the reply."""


class AdfsCredentials(Fixed):
    """A bearer token that is acquired when it is first needed.

    Args:
        login: Who signs in, and how.
        send: Sends a call to AD FS.
        now: A monotonic clock.
    """

    def __init__(self, login: Login, send: Send, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__("adfs", None, login.secrets)
        self._login, self._send, self._now = login, send, now
        self._token = Token(login.token, login.refresh_token) if login.token else None
        self._refresh = login.refresh_token
        self._renew_at = float("inf")

    @property
    def secrets(self) -> tuple[str, ...]:
        """See Credentials."""
        acquired = (self._token.access, self._token.refresh) if self._token else ()
        return (*self._secrets, *filter(None, acquired))

    def authorization(self) -> str:
        """See Credentials."""
        token = self._token
        if token is None or self._now() >= self._renew_at:
            token = self.acquire()
        return f"Bearer {token.access}"

    def renew(self) -> bool:
        """See Credentials."""
        self.acquire()
        return True

    def acquire(self) -> Token:
        """Return a new token, by the refresh token if there is one, otherwise by the login's grant_type.

        Raises:
            AuthenticationFailed: AD FS refuses.
            Transient: AD FS cannot be reached, or is busy.
        """
        try:
            token = self._refreshed() or self._granted()
        except Transient as error:
            # The call to MIM CM that needed this token was not sent.
            error.sent = False
            raise
        self._token = token
        self._refresh = token.refresh or self._refresh
        if token.lifetime is not None:
            self._renew_at = self._now() + max(token.lifetime - _MARGIN, token.lifetime * _SHARE)
        return token

    def _refreshed(self) -> Token | None:
        if self._refresh is None:
            return None
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh}
        try:
            return self._token_for(form)
        except AuthenticationFailed:
            if self._login.grant_type == "refresh_token":
                raise
            # The refresh token has expired or was revoked; the login's grant_type is still left.
            self._refresh = None
            return None

    def _granted(self) -> Token:
        return self._token_for({"grant_type": self._login.grant_type, **_GRANTS[self._login.grant_type](self)})

    def _token_for(self, form: Mapping[str, str]) -> Token:
        login = self._login
        common = {"client_id": login.client_id, "client_secret": login.client_secret, "resource": login.resource}
        filled = {**{name: value for name, value in common.items() if value}, **form}
        return _token(self._send(Call("POST", f"{login.adfs_url}/oauth2/token", _DOING, form=filled)), filled)

    def _by_code(self) -> dict[str, str]:
        """Sign in by Windows authentication, and return the authorization code that AD FS redirects with."""
        login = self._login
        state = secrets.token_urlsafe(16)
        query: dict[str, str | None] = {
            "response_type": "code",
            "client_id": login.client_id,
            "redirect_uri": login.redirect_uri,
            "resource": login.resource,
            "state": state,
        }
        found = self._redirected(Call("GET", f"{login.adfs_url}/oauth2/authorize", _DOING, query))
        if found.get("error") or not found.get("code") or found.get("state") != state:
            raise _refusal("authorization_code", found, self.secrets)
        return {"code": found["code"], "redirect_uri": str(login.redirect_uri)}

    def _redirected(self, call: Call) -> dict[str, str]:
        """Follow the redirects of AD FS until it redirects to redirect_uri; return the query of that address."""
        for _page in range(_REDIRECTS):
            reply = self._send(call)
            if reply.status == 401:
                raise refused_login(str(self._login.adfs_url), _DOING, "negotiate", list(reply.offers), reply.signed)
            if not 300 <= reply.status < 400:
                raise _no_redirect(reply)
            target = _target(reply, call)
            if _without_query(target) == _without_query(str(self._login.redirect_uri)):
                return {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
            if target == "" or urlsplit(target)[:2] != urlsplit(call.url)[:2]:
                # A redirect to another server is not followed: credentials are for AD FS only.
                break
            call = Call("GET", target, _DOING)
        raise InvalidAnswer(
            f"{self._login.adfs_url} does not redirect to redirect_uri",
            where=_DOING,
            remedy="set redirect_uri to the one that is registered for client_id (Get-AdfsClient)",
        )


_GRANTS: dict[str, Callable[[AdfsCredentials], dict[str, str]]] = {
    "authorization_code": AdfsCredentials._by_code,
    "password": lambda self: {"username": str(self._login.username), "password": str(self._login.password)},
    "client_credentials": lambda self: {},
    # The refresh token is tried before any grant, and this login has nothing else.
    "refresh_token": lambda self: {"refresh_token": str(self._refresh)},
}


def sign_in(connection: Connection, login: Login) -> AdfsCredentials:
    """Return credentials that sign in at AD FS when they are first needed.

    Args:
        connection: How servers are reached, AD FS included.
        login: Who signs in, and how.
    """
    parts = urlsplit(str(login.adfs_url))
    there = dataclasses.replace(connection, url=f"{parts.scheme}://{parts.netloc}", api_path="")
    for_tokens = Session(there, Fixed("none", None, login.secrets), _AGENT)

    @functools.lru_cache(maxsize=1)
    def for_people() -> Session:
        # Made when it is first needed: a refresh token, for example, needs neither Kerberos nor NTLM.
        return Session(there, choose.credentials(dataclasses.replace(login, method="negotiate")), _AGENT)

    def send(call: Call) -> Reply:
        # Only the pages for people ask who is there; the token endpoint takes what is in the form.
        session = for_people() if call.form is None else for_tokens
        return session.send(call, connection.timeout)

    return AdfsCredentials(login, send)


def _target(reply: Reply, call: Call) -> str:
    """Return where a redirect leads, empty if that is not an address."""
    try:
        target = urljoin(call.url, reply.headers.get("Location", ""))
        return target if urlsplit(target).hostname else ""
    except ValueError:
        return ""


def _without_query(url: str) -> str:
    return url.partition("?")[0].rstrip("/")


def _token(reply: Reply, form: Mapping[str, str]) -> Token:
    """Return the token in a reply.

    Raises:
        AuthenticationFailed: There is none; the message repeats only the error's name and description.
    """
    _check_available(reply)
    try:
        answer = json.loads(reply.content)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, Mapping):
        raise InvalidAnswer(
            f"AD FS answered {reply.status} with something that is not JSON", where=_DOING, remedy="check adfs_url"
        )
    access = answer.get("access_token")
    if reply.status != 200 or not isinstance(access, str) or not (access.isascii() and access.isprintable()):
        secret = ("password", "client_secret", "refresh_token", "code")
        hidden = [form[name] for name in secret if form.get(name)]
        raise _refusal(form["grant_type"], answer, hidden, str(reply.status))
    refresh = answer.get("refresh_token")
    return Token(access, refresh if isinstance(refresh, str) else None, _seconds(answer.get("expires_in")))


def _seconds(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    # A lifetime of zero makes no sense, so it counts as unknown.
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _refusal(
    grant: str, answer: Mapping[str, Any], hidden: Collection[str], status: str = "without a reason"
) -> AuthenticationFailed:
    name, text = (answer.get(field) for field in ("error", "error_description"))
    # Only what looks like an error name of RFC 6749 or AD FS is repeated; other text might contain anything.
    named = name if isinstance(name, str) and _ERROR_NAME.fullmatch(name) and not repeats(name, hidden) else ""
    said = f"and says: {told(text, hidden)}" if isinstance(text, str) and text.strip() else None
    remedy = _REMEDIES.get(named, _OTHER_REMEDY)
    return AuthenticationFailed(f"AD FS refused grant_type {grant} ({named or status})", addition=said, remedy=remedy)


def _check_available(reply: Reply) -> None:
    """Refuse the reply of an AD FS that is busy, or of a proxy that requires authentication."""
    if reply.status == 407:
        raise proxy_failed("AD FS", _DOING, "it answered 407")
    if reply.status in (429, 502, 503, 504):
        raise ServerUnavailable(
            f"AD FS is busy or temporarily unavailable ({reply.status})", where=_DOING, remedy="try again later"
        )


def _no_redirect(reply: Reply) -> AuthenticationFailed:
    _check_available(reply)
    number = _MSIS.search(reply.content)
    if number:
        # AD FS shows such an error on a page, because it does not redirect to an address that is not registered.
        said = f"AD FS refuses client_id or redirect_uri ({number.group().decode()})"
        return AuthenticationFailed(said, where=_DOING, remedy=_OTHER_REMEDY)
    if reply.status == 200:
        return AuthenticationFailed(
            "AD FS shows a sign-in form instead of using Windows authentication",
            where=_DOING,
            remedy="enable Windows authentication for the intranet, allow the agent MSAuthHost/1.0/In-Domain in "
            "WIASupportedUserAgents (Set-AdfsProperties), or use grant_type password",
        )
    return AuthenticationFailed(f"AD FS answered {reply.status}", where=_DOING, remedy=_OTHER_REMEDY)

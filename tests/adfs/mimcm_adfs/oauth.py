# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protocol, by Authlib's authorization server, with the parameters and the words of AD FS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from authlib.oauth2 import AuthorizationServer  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749 import (  # type: ignore[import-untyped]
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.util import extract_basic_authorization  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import CodeChallenge  # type: ignore[import-untyped]

from . import messages
from .people import User
from .state import Client, Issued, State

# Authlib's own words for what AD FS says differently.
_TEXTS = {
    "unsupported_grant_type": messages.GRANT_TYPE,
    "invalid_grant": messages.CODE,
}


class Request(OAuth2Request):  # type: ignore[misc]
    """One request, with its parameters from the query or the form, and the resource that it turned out to be for."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str], parameters: Mapping[str, str]) -> None:
        super().__init__(method, url, headers=headers)
        self.payload = BasicOAuth2Payload(dict(parameters))
        # AD FS names itself with http and without a port, however it is reached.
        self.issuer = f"http://{urlsplit(url).hostname}/adfs/services/trust"
        self.resource = ""

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


class InvalidResource(OAuth2Error):  # type: ignore[misc]
    error = "invalid_resource"


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server on aiohttp; Authlib has no integration for it, and these methods are all it takes."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self.state = state
        self.register_grant(Code, [CodeChallenge(required=False)])
        self.register_grant(Refresh)
        if not state.settings.only_code:
            self.register_grant(Password)
            self.register_grant(ClientCredentials)

    def query_client(self, client_id: str | None) -> Client | None:
        return self.state.client(client_id)

    def save_token(self, token: dict[str, Any], request: Request) -> None:
        """The refresh token is in the state already; an access token needs no memory."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def authenticate_client(self, request: Request, methods: list[str], endpoint: str = "token") -> Client:
        client_id, secret = extract_basic_authorization(request.headers)
        form = request.form
        client = self.query_client(client_id or form.get("client_id"))
        if client is None:
            raise InvalidClientError(messages.CLIENT)
        if not client.authenticates(secret or form.get("client_secret", "")):
            raise InvalidClientError(messages.SECRET)
        return client

    def handle_error_response(self, request: Request, error: Any) -> web.Response:
        text = error.get_error_description() or ""
        if not text.startswith("MSIS"):
            text = _TEXTS.get(error.error) or messages.MADE_UP.format(text or error.error)
        worded = OAuth2Error(
            text, error=error.error, status_code=error.status_code, state=error.state, redirect_uri=error.redirect_uri
        )
        return self.handle_response(*worded())

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> web.Response:
        location = dict(headers).get("Location")
        if location is not None:
            return web.Response(status=status, headers={"Location": location, "Cache-Control": "no-store"})
        # AD FS escapes the apostrophes of its texts.
        text = json.dumps(dict(body)).replace("'", "\\u0027")
        kept = {"Cache-Control": "no-store", "Pragma": "no-cache", "Content-Type": "application/json;charset=UTF-8"}
        return web.Response(status=status, text=text, headers=kept)


class _Resource:
    """Check the resource of a grant, in Authlib's hook for the scope: AD FS has resources instead of scopes."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none", "client_secret_post", "client_secret_basic")
    GRANT_TYPE: str
    request: Any
    server: Any

    def validate_requested_scope(self) -> None:
        self.request.resource = self.resource()

    def resource(self, default: str = "") -> str:
        given = self.request.payload.data.get("resource") or default
        if given not in self.server.state.settings.resources:
            raise InvalidResource(messages.RESOURCE)
        return str(given)

    def generate_token(
        self,
        user: User | None = None,
        scope: str | None = None,
        grant_type: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
    ) -> dict[str, Any]:
        request = self.request
        out: dict[str, Any] = self.server.state.answer(
            request.issuer,
            request.client,
            user,
            request.resource,
            include_refresh_token,
            refreshed=self.GRANT_TYPE == "refresh_token",
        )
        return out


class Code(_Resource, grants.AuthorizationCodeGrant):  # type: ignore[misc]
    def save_authorization_code(self, code: str, request: Request) -> None:
        state, data = self.server.state, request.payload.data
        state.codes[code] = Issued(
            request.client.client_id,
            request.user,
            request.resource,
            state.clock() + state.settings.code_lifetime,
            data["redirect_uri"],
            data.get("code_challenge"),
            data.get("code_challenge_method"),
        )

    def query_authorization_code(self, code: str, client: Client) -> Issued:
        if not client.check_redirect_uri(self.request.payload.redirect_uri):
            raise InvalidRequestError(messages.REDIRECT)
        found: Issued | None = self.server.state.take_code(code)
        if found is None or not found.check_client(client):
            raise InvalidGrantError(messages.CODE)
        self.request.resource = self.resource(found.resource)
        if self.request.resource != found.resource:
            raise InvalidResource(messages.RESOURCE)
        return found

    def delete_authorization_code(self, authorization_code: Issued) -> None:
        """It was when it was taken."""

    def authenticate_user(self, authorization_code: Issued) -> User:
        return authorization_code.user


class Refresh(_Resource, grants.RefreshTokenGrant):  # type: ignore[misc]
    def authenticate_refresh_token(self, refresh_token: str) -> Issued:
        state = self.server.state
        found: Issued | None = state.refreshes.get(refresh_token)
        if found is None or not found.check_client(self.request.client):
            raise InvalidGrantError(messages.REFRESH_INVALID)
        if found.until <= state.clock():
            raise InvalidGrantError(messages.REFRESH_EXPIRED, status_code=state.settings.expired_refresh_status)
        self.request.resource = self.resource(found.resource)
        return found

    def authenticate_user(self, refresh_token: Issued) -> User:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Issued) -> None:
        """AD FS does not rotate refresh tokens."""


class Password(_Resource, grants.ResourceOwnerPasswordCredentialsGrant):  # type: ignore[misc]
    def authenticate_user(self, username: str, password: str) -> User:
        found: User | None = self.server.state.settings.people.signed_in(username, password)
        if found is None:
            raise InvalidGrantError(messages.PASSWORD)
        return found


class ClientCredentials(_Resource, grants.ClientCredentialsGrant):  # type: ignore[misc]
    pass

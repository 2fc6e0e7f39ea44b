# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The endpoints, and Windows authentication before the one that hands out codes."""

from __future__ import annotations

import json
import uuid
import weakref
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from authlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.util import extract_basic_authorization  # type: ignore[import-untyped]
from mimcm_simulator import access

from . import messages
from .oauth import Request, Server
from .people import User
from .signing import key_set
from .state import Settings, State

AUTHORIZE = "/adfs/oauth2/authorize"
WIA = f"{AUTHORIZE}/wia"
TOKEN = "/adfs/oauth2/token"
KEYS = "/adfs/discovery/keys"
CONFIGURATION = "/adfs/.well-known/openid-configuration"

Handler = Callable[["Endpoints", web.Request], Awaitable[web.Response]]


class Endpoints:
    """Holds what outlives one call: the state, and what is known of each open connection."""

    def __init__(self, state: State, windows: access.Access) -> None:
        self.state = state
        self.windows = windows
        self.server = Server(state)
        self.connections: weakref.WeakKeyDictionary[Any, access.Connection] = weakref.WeakKeyDictionary()

    async def handle(self, request: web.Request) -> web.Response:
        # The body is read before anything is refused, so the connection stays usable after a 401.
        form = await _form(request)
        path = request.path.lower().rstrip("/")
        if path.startswith("/_control/"):
            return await _control(self.state, request, path)
        route = _ROUTES.get((request.method, path))
        answer = await route(self, request) if route else _page("404 - Not Found", 404)
        basic, _dummy = extract_basic_authorization(request.headers)
        self.state.log.append(
            {
                "method": request.method,
                "path": request.path,
                "grant_type": form.get("grant_type"),
                "client_id": form.get("client_id") or request.query.get("client_id") or basic,
                "status": answer.status,
            }
        )
        return answer

    def connection_of(self, request: web.Request) -> access.Connection:
        if request.transport is None:
            # The client has closed the connection already; nobody will see the answer.
            return access.Connection(0)
        return self.connections.setdefault(request.transport, access.Connection(0))

    async def token(self, request: web.Request) -> web.Response:
        # Parameters count in the body only.
        wanted = Request(request.method, str(request.url), request.headers, await _form(request))
        answer: web.Response = self.server.create_token_response(wanted)
        return answer

    async def authorize(self, request: web.Request) -> web.Response:
        form = await _form(request)
        wanted = Request("GET", str(request.url), request.headers, request.query)
        refused = self._unregistered(request.query)
        if refused:
            return _page(messages.error_page(refused), self.state.settings.error_page_status)
        try:
            # What AD FS can refuse without knowing the user, it refuses before it asks for one.
            grant = self.server.get_consent_grant(wanted)
        except OAuth2Error as error:
            return _correlated(request, self.server.handle_error_response(wanted, error))
        found = self._signed_in(request, form)
        if isinstance(found, web.Response):
            return found
        answer = self.server.create_authorization_response(wanted, grant_user=found[0], grant=grant)
        for challenge in found[1]:
            answer.headers.add("WWW-Authenticate", challenge)
        return _correlated(request, answer)

    def _unregistered(self, query: Mapping[str, str]) -> str | None:
        """Why the user must not be sent to the redirect_uri, if so."""
        client_id, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
        client = self.state.client(client_id)
        if client is None:
            return messages.UNKNOWN_CLIENT_PAGE.format(client_id)
        if not client.check_redirect_uri(redirect_uri):
            return messages.REDIRECT_PAGE.format(client_id, redirect_uri)
        return None

    def _signed_in(self, request: web.Request, form: Mapping[str, str]) -> tuple[User, list[str]] | web.Response:
        """The user, with what the handshake has to say to the client, or the answer that asks for one."""
        settings = self.state.settings
        remote = request.headers.get("X-Remote-User")
        if settings.trust_remote_user and remote:
            return settings.people.named(remote), []
        at_wia = request.path.lower().rstrip("/") == WIA
        if not at_wia and not _knows(settings, request.headers.get("User-Agent", "")):
            return self._by_form(request, form)
        if not at_wia and settings.wia_redirect:
            return _correlated(
                request, web.Response(status=302, headers={"Location": f"{WIA}?{request.rel_url.raw_query_string}"})
            )
        header = request.headers.get("Authorization", "")
        verdict = access.authenticate(self.windows, self.connection_of(request), header, self.state.clock())
        if verdict.user is not None:
            return settings.people.named(verdict.user), verdict.challenges
        answer = _page(messages.unauthorised(), 401)
        for challenge in verdict.challenges:
            answer.headers.add("WWW-Authenticate", challenge)
        return answer

    def _by_form(self, request: web.Request, form: Mapping[str, str]) -> tuple[User, list[str]] | web.Response:
        given = form.get("UserName")
        found = self.state.settings.people.signed_in(given, form.get("Password", "")) if given else None
        if found:
            return found, []
        return _page(messages.form(str(request.rel_url), messages.WRONG_PASSWORD if given else ""))

    async def keys(self, request: web.Request) -> web.Response:
        return web.json_response(key_set(self.state.key))

    async def configuration(self, request: web.Request) -> web.Response:
        origin = f"{request.scheme}://{request.host}"
        document = {
            "issuer": f"{origin}/adfs",
            "access_token_issuer": f"http://{request.url.host}/adfs/services/trust",
            "authorization_endpoint": f"{origin}{AUTHORIZE}/",
            "token_endpoint": f"{origin}{TOKEN}/",
            "jwks_uri": f"{origin}{KEYS}",
            "response_types_supported": ["code"],
            "grant_types_supported": sorted(
                {grant for client in self.state.settings.clients for grant in client.grants}
            ),
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
        return web.json_response(document)


_ROUTES: dict[tuple[str, str], Handler] = {
    ("POST", TOKEN): Endpoints.token,
    ("GET", AUTHORIZE): Endpoints.authorize,
    ("POST", AUTHORIZE): Endpoints.authorize,
    ("GET", WIA): Endpoints.authorize,
    ("GET", KEYS): Endpoints.keys,
    ("GET", CONFIGURATION): Endpoints.configuration,
}


async def _form(request: web.Request) -> dict[str, str]:
    """The form; anything else counts as an empty one, and is read all the same."""
    await request.read()
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _knows(settings: Settings, agent: str) -> bool:
    """Whether integrated authentication is tried with this agent, as WIASupportedUserAgents says."""
    if settings.forms_only:
        return False
    return not settings.wia_agents or any(part in agent for part in settings.wia_agents)


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


def _correlated(request: web.Request, answer: web.Response) -> web.Response:
    """AD FS adds an id of its own to the places it sends a client to."""
    location = answer.headers.get("Location")
    if location:
        given = request.query.get("client-request-id") or str(uuid.uuid4())
        if "client-request-id=" not in location:
            answer.headers["Location"] = f"{location}{'&' if '?' in location else '?'}client-request-id={given}"
    return answer


async def _control(state: State, request: web.Request, path: str) -> web.Response:
    call = (request.method, path.removeprefix("/_control/"))
    if call == ("GET", "log"):
        return web.json_response(state.log)
    if call == ("DELETE", "log"):
        state.log.clear()
    elif call == ("POST", "revoke"):
        state.refreshes.clear()
    elif call == ("PUT", "lifetime"):
        try:
            state.lifetime = max(int(json.loads(await request.read())["seconds"]), 0)
        except (KeyError, TypeError, ValueError):
            return web.json_response({"error": 'The body must be {"seconds": number}.'}, status=400)
    else:
        return web.json_response({"error": f"There is no {call[0]} {path}."}, status=404)
    return web.json_response({})


def application(state: State, windows: access.Access) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", Endpoints(state, windows).handle)
    return app

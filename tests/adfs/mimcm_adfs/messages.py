# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error messages and pages of AD FS.

The numbers and texts are those that AD FS is known to send, except REFRESH_INVALID, whose number is a guess, and
MADE_UP, which is for all that no source shows.
"""

from __future__ import annotations

from html import escape

UNKNOWN_CLIENT_PAGE = (
    "MSIS9223: Received invalid OAuth authorization request. The received 'client_id' is invalid as no registered"
    " client was found with this client identifier. Make sure that the client is registered. Received client_id: '{}'."
)
REDIRECT_PAGE = (
    "MSIS9224: Received invalid OAuth authorization request. The received 'redirect_uri' parameter is not a valid"
    " registered redirect URI for the client identifier: '{}'. Received redirect_uri: '{}'."
)
RESOURCE = (
    "MSIS9602: The received 'resource' parameter is invalid. The authorization server can not find a registered"
    " resource with the specified identifier."
)
CLIENT = (
    "MSIS9607: The 'client_id' parameter in the request is invalid. No registered client is found with this identifier."
)
REDIRECT = (
    "MSIS9609: The 'redirect_uri' parameter is invalid. No redirect uri with the specified value is registered for the"
    " received 'client_id'. "
)
GRANT_TYPE = (
    "MSIS9611: The authorization server does not support the requested 'grant_type'. The authorization server only"
    " supports 'authorization_code' or 'refresh_token' as the grant type."
)
CODE = "MSIS9612: The authorization code received in 'code' parameter is invalid. "
REFRESH_INVALID = "MSIS9614: The refresh token received in 'refresh_token' parameter is invalid."
REFRESH_EXPIRED = "MSIS9615: The refresh token received in 'refresh_token' parameter has expired."
SECRET = (
    "MSIS9622: Client authentication failed. Please verify the credential provided for client authentication is valid."
)
PASSWORD = "MSIS9659: Invalid 'username' or 'password'."
MADE_UP = "MSIS9600: {}"

WRONG_PASSWORD = "Incorrect user ID or password. Type the correct user ID and password, and try again."

_PAGE = """<!DOCTYPE html>
<html lang="en-US"><head><title>{}</title></head><body><div id="contentWrapper">{}</div></body></html>
"""
_FORM = """<form method="post" id="loginForm" autocomplete="off" action="{}">
<div id="error"><span id="errorText">{}</span></div>
<input id="userNameInput" name="UserName" type="email" value="" placeholder="someone@example.com">
<input id="passwordInput" name="Password" type="password" placeholder="Password">
<input type="hidden" name="AuthMethod" value="FormsAuthentication">
<span id="submitButton" role="button">Sign in</span>
</form>"""


def error_page(text: str) -> str:
    details = f'<div id="errorArea"><h1>An error occurred</h1><p>Error details: {escape(text)}</p></div>'
    return _PAGE.format("Error", details)


def form(action: str, error: str = "") -> str:
    return _PAGE.format("Sign In", _FORM.format(escape(action), escape(error)))


def unauthorised() -> str:
    return _PAGE.format(
        "401 - Unauthorized", "<h2>HTTP Error 401. The requested resource requires user authentication.</h2>"
    )

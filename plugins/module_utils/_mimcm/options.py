# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that every module and lookup shares: their argument spec, and what they mean together."""

from __future__ import annotations

import os
import ssl
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import refuse_special

# A day. A time-out that is too large for a socket would end in a traceback.
_TIMEOUT_MAX = 86400
# More connections than this would amount to an attack on the server.
_CONNECTIONS_MAX = 64


@dataclass(frozen=True)
class Connection:
    """Where the server is and how it is reached."""

    url: str
    api_path: str
    validate_certs: bool
    ca_path: str | None
    client_cert: str | None
    client_key: str | None
    timeout: float
    retries: int
    max_connections: int
    max_response_bytes: int
    use_proxy: bool

    @property
    def base(self) -> str:
        """The address that every operation's path is appended to."""
        return self.url + self.api_path

    @property
    def host(self) -> str:
        """The server's host name, which its service principal and its certificate must have too."""
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True)
class Login:
    """The auth_method and the credentials of a login. repr() omits the secrets."""

    method: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    keytab: str | None = None
    ticket_cache: str | None = None
    channel_bindings: str = "auto"
    adfs_url: str | None = None
    grant_type: str = "authorization_code"
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    redirect_uri: str | None = None
    resource: str | None = None
    refresh_token: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The secrets of the login, which no message may repeat."""
        return tuple(filter(None, (self.password, self.token, self.client_secret, self.refresh_token)))


_LOGIN = tuple(item.name for item in fields(Login) if item.name != "method")
# The options of a login that each auth_method uses. That of AD FS uses all of them: a token is what it begins with.
_WINDOWS = ("username", "password", "keytab", "ticket_cache")
_USED: dict[str, tuple[str, ...]] = {
    "negotiate": _WINDOWS,
    "kerberos": _WINDOWS,
    "ntlm": ("username", "password"),
    "token": ("token",),
    "none": (),
}


def unused_for(method: Any) -> set[str]:
    """Return the options that describe a login and that an auth_method has no use for; none for an unknown one."""
    return set(_LOGIN) - set(_USED.get(str(method), _LOGIN))


def connection(params: Mapping[str, Any]) -> Connection:
    """Return the connection that the options describe.

    Raises:
        UsageError: An option is malformed or names a file that does not exist.
    """
    _check_files(params, ("ca_path", "client_cert", "client_key"))
    if params.get("client_key") and not params.get("client_cert"):
        raise UsageError(
            "client_key needs client_cert", remedy="set client_cert to the certificate that the key belongs to"
        )
    _check_pem(params)
    if not 0 < params["timeout"] <= _TIMEOUT_MAX:
        raise UsageError(f"timeout must be more than 0 and at most {_TIMEOUT_MAX} seconds")
    if params["retries"] < 0:
        raise UsageError("retries must be 0 or more")
    if not 1 <= params["max_connections"] <= _CONNECTIONS_MAX:
        raise UsageError(f"max_connections must be from 1 to {_CONNECTIONS_MAX}")
    if params["max_response_bytes"] < 1:
        raise UsageError("max_response_bytes must be 1 or more")
    api_path = params["api_path"].strip("/")
    return Connection(
        url=_checked_url(params["url"]).geturl().rstrip("/"),
        api_path=f"/{api_path}" if api_path else "",
        validate_certs=params["validate_certs"],
        ca_path=params.get("ca_path"),
        client_cert=params.get("client_cert"),
        client_key=params.get("client_key"),
        timeout=params["timeout"],
        retries=params["retries"],
        max_connections=params["max_connections"],
        max_response_bytes=params["max_response_bytes"],
        use_proxy=params["use_proxy"],
    )


def login(params: Mapping[str, Any]) -> Login:
    """Return the login that the options describe.

    Raises:
        UsageError: The method lacks an option, or would send a secret over an unencrypted connection.
    """
    given = {name: params.get(name) or None for name in _LOGIN}
    given["channel_bindings"] = params["channel_bindings"]
    result = Login(method=params["auth_method"], **{**given, "grant_type": params["grant_type"]})
    _check_files(params, ("keytab",))
    _check_complete(result)
    _check_as_meant(result)
    if result.method == "adfs":
        result = _with_adfs(result, params["url"])
    _check_encrypted(result, [params["url"], *([result.adfs_url] if result.adfs_url else [])], params)
    return result


def _with_adfs(login_: Login, url: str) -> Login:
    """Return a login with the usual path of AD FS and relying party where the options do not name them."""
    parts = _checked_url(login_.adfs_url or "", "adfs_url", "https://adfs.contoso.com")
    address = parts.geturl().rstrip("/")
    return replace(
        login_,
        adfs_url=address if parts.path.strip("/") else f"{address}/adfs",
        resource=login_.resource or f"https://{_checked_url(url).hostname}/certificatemanagement",
    )


def _check_encrypted(login_: Login, urls: list[str], params: Mapping[str, Any]) -> None:
    for url in urls:
        if _checked_url(url).scheme == "http" and _exposes_secret(login_) and not params.get("allow_http_credentials"):
            raise UsageError(
                f"auth_method {login_.method} would send credentials to {url} unencrypted",
                remedy="use an https:// url, or set allow_http_credentials: true if you accept that",
            )


def _checked_url(text: str, option: str = "url", example: str = "https://cm.contoso.com") -> SplitResult:
    if "@" in text:
        # Before any other check, because their messages quote the url: what precedes the @ may be a password.
        raise UsageError(
            f"{option} must not contain a user name or a password", remedy="set username and password instead"
        )
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and _is_host(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise UsageError(f"{option} '{text}' must start with https:// or http:// and name a host, like {example}")
    if parts.query or parts.fragment:
        raise UsageError(f"{option} must not contain a query or a fragment", remedy="give scheme, host and port only")
    return parts


def one_of(**given: Any) -> None:
    """Refuse options of a module that exclude each other.

    Args:
        given: The values of the options by option name.

    Raises:
        UsageError: More than one is set.
    """
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise UsageError(f"{' and '.join(names)} cannot be combined", remedy="leave all but one of them out")


def _is_host(name: str | None) -> bool:
    return bool(name) and not any(character.isspace() for character in name or "")


def _check_pem(params: Mapping[str, Any]) -> None:
    """Load the PEM files once, so an error names the wrong file, and an encrypted key never prompts at the terminal."""
    ca_path, certificate, key = (params.get(name) for name in ("ca_path", "client_cert", "client_key"))
    if not (ca_path or certificate):
        # Making an SSL context takes as long as a call to a nearby server.
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_path and not os.path.isdir(ca_path):
        try:
            context.load_verify_locations(ca_path)
        except OSError:  # ssl.SSLError is one
            raise UsageError(f"{ca_path} cannot be read as certificates in PEM", where="ca_path") from None
    if certificate:
        try:
            context.load_cert_chain(certificate, key, password="")
        except OSError:
            raise UsageError(
                f"{certificate} and {key or 'the key in it'} cannot be read as a certificate and its unencrypted "
                "private key in PEM",
                where="client_cert",
            ) from None


def _check_files(params: Mapping[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        path = params.get(name)
        if path and not os.path.exists(path):
            raise UsageError(
                f"{path} does not exist on the host where the task runs",
                where=name,
                remedy="correct the path, or copy the file there first",
            )
        if path:
            # These files are read more than once, and a FIFO would wait for a writer each time.
            refuse_special(path, name)


# The options that each auth_method, or grant_type of AD FS, requires.
_NEEDED: dict[str, tuple[str, ...]] = {
    "ntlm": ("username", "password"),
    "token": ("token",),
    "adfs": ("adfs_url", "client_id"),
    "adfs authorization_code": ("redirect_uri",),
    "adfs password": ("username", "password"),
    "adfs refresh_token": ("refresh_token",),
    "adfs client_credentials": ("client_secret",),
}
# Control characters, and spaces and line ends of all kinds; YAML has a letter for many between double quotes.
_NOT_IN_NAMES = ("Cc", "Zl", "Zp", "Zs")
# The methods that may use Kerberos, and so take Kerberos credentials.
_KERBEROS = ("negotiate", "kerberos", "adfs")


def _check_complete(login_: Login) -> None:
    for name in (login_.method, f"{login_.method} {login_.grant_type}"):
        missing = [option for option in _NEEDED.get(name, ()) if not getattr(login_, option)]
        if missing:
            grant = f" with grant_type {login_.grant_type}" if " " in name else ""
            raise UsageError(f"auth_method {login_.method}{grant} needs {' and '.join(missing)}")
    if login_.method in _KERBEROS and login_.password and not login_.username:
        raise UsageError(f"auth_method {login_.method} with a password needs username too")
    sources = [name for name in ("password", "keytab", "ticket_cache") if getattr(login_, name)]
    if login_.method in _KERBEROS and len(sources) > 1:
        raise UsageError(f"{' and '.join(sources)} cannot be combined", remedy="leave all but one of them out")
    if login_.token and not (login_.token.isascii() and login_.token.isprintable() and " " not in login_.token):
        raise UsageError(
            "token contains spaces, line ends or other characters that no bearer token has",
            remedy="pass the token alone, without line ends",
        )


# What may have a space at neither end, and what may have no line end there: a password may begin with a space.
_NAMES = ("username", "client_id")
_SECRETS = ("password", "client_secret", "refresh_token")


def _check_as_meant(login_: Login) -> None:
    """Refuse what is a slip in YAML or in reading a file: the server would only say that the account is wrong."""
    unused = unused_for(login_.method)
    for option in _NAMES:
        _refuse_space(option, None if option in unused else getattr(login_, option))
    for option in _SECRETS:
        refuse_line_end(option, None if option in unused else getattr(login_, option))
    if "username" not in unused and login_.username:
        _check_username(login_.username)


def refuse_line_end(option: str, value: str | None) -> None:
    """Refuse a secret that begins or ends with a line end, which comes from the file or the block that it was in.

    Raises:
        UsageError: It does; the message does not repeat it.
    """
    if value and value != value.strip("\r\n"):
        raise UsageError(
            f"{option} begins or ends with a line end, as what is read from a file or a block of text does",
            remedy="remove it, for example with the filter trim",
        )


def _refuse_space(option: str, value: str | None) -> None:
    if value and value != value.strip():
        raise UsageError(
            f"{option} begins or ends with a space or a line end", remedy="remove it, for example with the filter trim"
        )


def _check_username(name: str) -> None:
    if "\\\\" in name:
        raise UsageError(
            "username contains two backslashes in a row",
            remedy="write one; YAML wants it doubled only between double quotes",
        )
    if any(unicodedata.category(character) in _NOT_IN_NAMES and character != " " for character in name):
        raise UsageError(
            "username contains a control character, as \\a and \\t are between double quotes",
            remedy="put the name between single quotes, or double the backslash",
        )


def _exposes_secret(login_: Login) -> bool:
    """Return whether an eavesdropper on the connection gets a token, or something to guess the password from.

    A Kerberos ticket is neither; a password for Kerberos goes to the domain controller only.
    """
    if login_.method == "negotiate":
        return login_.password is not None
    return login_.method in ("ntlm", "token", "adfs")

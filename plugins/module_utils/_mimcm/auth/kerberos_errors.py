# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn errors of the local Kerberos and NTLM libraries into errors for the user: what happened, and what to run."""

from __future__ import annotations

import re
from collections.abc import Collection

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    AuthenticationFailed,
    DirectoryUnreachable,
    MimcmError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.options import Login
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.causes import causes
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import repeats
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import clause

_KRB5_BASE = -1765328384
"""The base of error numbers in MIT Kerberos and Heimdal (ERROR_TABLE_BASE_krb5), to which RFC 4120's are added."""

_NO_TICKET = ("there is no Kerberos ticket", "run {kinit}, or set keytab, or username and password")
_TICKET_EXPIRED = ("the Kerberos ticket has expired", "run {kinit} again, or set keytab for unattended runs")
_WRONG_PASSWORD = (
    "the password or the keytab of {user} is wrong",
    "check username and password, or export the keytab again: every password change makes it obsolete",
)
_NO_REALM = ("no domain controller of the realm was found", "check default_realm and [realms] in krb5.conf, and DNS")

_UNREACHABLE = 156

# What happened and what to do, by the number in RFC 4120 or krb5.h, without the base.
_BY_NUMBER: dict[int, tuple[str, str]] = {
    6: ("the domain has no account {user}", "check username (name@REALM, the realm in capitals)"),
    7: (
        "the domain has no service HTTP/{host}",
        "use the host name in url under which the service is registered (setspn -L ACCOUNT lists it), or register this "
        "one (setspn -S HTTP/{host} ACCOUNT)",
    ),
    14: (
        "the domain and this host have no encryption type in common",
        "allow AES for the account of the service (msDS-SupportedEncryptionTypes), and check permitted_enctypes in "
        "krb5.conf",
    ),
    18: ("the account {user} is disabled, locked or expired", "ask the domain's administrators"),
    23: ("the password of {user} has expired", "change it, for example with kpasswd {user}"),
    24: _WRONG_PASSWORD,
    31: _WRONG_PASSWORD,
    32: _TICKET_EXPIRED,
    37: (
        "the clocks of this host and of the domain controller differ by too much",
        "synchronise this host's clock with the domain (chronyc makestep)",
    ),
    152: _NO_REALM,
    154: _NO_REALM,
    _UNREACHABLE: (
        "no domain controller of the realm answers",
        "check [realms] in krb5.conf, DNS, and the network (port 88)",
    ),
    141: _NO_TICKET,
    181: ("the keytab has no key for {user}", "check keytab and username (klist -k FILE lists its keys)"),
    195: _NO_TICKET,
    213: ("the file that keytab names is not a keytab", "check keytab (klist -k FILE lists the keys of one)"),
    230: _NO_REALM,
}
# The same by GSSAPI's number, in the upper half of the major status (RFC 2744).
_BY_MAJOR: dict[int, tuple[str, str]] = {7: _NO_TICKET, 11: _TICKET_EXPIRED, 12: _TICKET_EXPIRED}

# Exceptions of pyspnego for a token that says that the server refuses, or that somebody in between has altered.
_REFUSALS = {"InvalidTokenError", "BadMICError", "BadBindingsError"}
# Those for credentials of the caller that are missing or cannot be used.
_CREDENTIALS = {"InvalidCredentialError", "NoCredentialError", "CredentialsExpiredError", "BadNameError"}
# How OpenSSL, hashlib and cryptography say that an algorithm must not be used.
_FORBIDDEN = re.compile(
    r"digital envelope routines|unsupported hash type|\bfips\b|'hashlib' has no attribute '(?:md4|md5)'", re.IGNORECASE
)
_FORBIDDEN_HERE = (
    "the cryptographic policy of this host (FIPS, for example) forbids MD4, MD5 or RC4, which NTLM needs",
    "use auth_method kerberos, or run the task on a host that allows them",
)
_OTHER_REMEDY = "run mimcm_ping there for the versions of the libraries, or use another auth_method"

_OTHERWISE = {
    "ntlm": "check username (DOMAIN\\name) and password",
    "kerberos": "run {kinit}, or set keytab, or username and password",
    "negotiate": "run {kinit}, or check username and password",
}


def sign_in_problem(error: BaseException, login: Login, host: str) -> MimcmError:
    """Return the error for an exception of pyspnego, gssapi or krb5.

    Args:
        error: The exception.
        login: Who tried to sign in.
        host: The server's name.
    """
    what, remedy = explained(error, login, host)
    kind = (
        DirectoryUnreachable if any(_number(cause) == _UNREACHABLE for cause in causes(error)) else AuthenticationFailed
    )
    return kind(f"Signing in to {host} with auth_method {login.method} failed on this side", reason=what, remedy=remedy)


def explained(error: BaseException, login: Login, host: str) -> tuple[str, str]:
    """Return what happened and what to do next, for an exception of pyspnego, gssapi or krb5.

    Args:
        error: The exception.
        login: Who tried to sign in.
        host: The server's name.
    """
    chain = list(causes(error))
    known = next((found for found in map(_known, chain) if found), None)
    names = {"host": host, "user": login.username or "the caller", "kinit": f"kinit {login.username or 'NAME@REALM'}"}
    if known:
        return known[0].format(**names), known[1].format(**names)
    if any(_is_forbidden(cause) for cause in chain):
        return _FORBIDDEN_HERE
    about_credentials = any(_is_gssapi(cause) or type(cause).__name__ in _CREDENTIALS for cause in chain)
    remedy = _OTHERWISE.get(login.method, _OTHERWISE["negotiate"]) if about_credentials else _OTHER_REMEDY
    return _own_words(chain[0], login.secrets), remedy.format(**names)


def is_refusal(error: BaseException) -> bool:
    """Return whether a server's token is a refusal, given the exception that its processing raised.

    Anything else is a failure of this side, such as an algorithm that is forbidden here, or a token that is malformed.
    """
    chain = list(causes(error))
    # A server may refuse with an error of Kerberos, and gssapi raises it. Where no mechanism could begin, it is ours.
    began = all(type(cause).__name__ != "BadMechanismError" for cause in chain)
    answered = began and all(_number(cause) != _UNREACHABLE for cause in chain) and any(map(_is_gssapi, chain))
    return answered or type(error).__name__ in _REFUSALS


def _is_gssapi(error: BaseException) -> bool:
    return isinstance(getattr(error, "maj_code", None), int)


def _is_forbidden(error: BaseException) -> bool:
    if type(error).__name__ in ("UnsupportedDigestmodError", "UnsupportedAlgorithm"):
        return True
    return type(error).__name__ in ("ValueError", "InternalError", "AttributeError") and bool(
        _FORBIDDEN.search(str(error))
    )


def _number(error: BaseException) -> int | None:
    """Return the number of a Kerberos error without the base, None for any other error."""
    number = getattr(error, "err_code", None) or getattr(error, "min_code", None)
    if not isinstance(number, int):
        return None
    # GSSAPI gives it as an unsigned number.
    return (number - 2**32 if number > 2**31 else number) - _KRB5_BASE


def _known(error: BaseException) -> tuple[str, str] | None:
    number = _number(error)
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    major = getattr(error, "maj_code", None)
    return _BY_MAJOR.get(major >> 16) if isinstance(major, int) else None


def _own_words(error: BaseException, secrets: Collection[str]) -> str:
    """Return the message of an exception as a clause, or its name if the message repeats a secret."""
    words = clause(str(getattr(error, "message", error)))
    return words if words and not repeats(words, secrets) else type(error).__name__

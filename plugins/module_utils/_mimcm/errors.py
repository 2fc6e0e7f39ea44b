# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of the collection, as data: what happened, where, and what to do next. str() joins these to one sentence.

    MimcmError
        UsageError              the options make no sense
        MissingLibrary          a Python library is not installed
        FileError               a file cannot be read or written
        CallFailed              a call to a server failed
            Transient           the same call may succeed later
                ConnectionFailed    no answer
                    HostUnknown     the host name does not resolve
                ServerUnavailable   429, 502, 503, 504
            CertificateRejected the server's certificate is not trusted
            AuthenticationFailed 401, or signing in failed on this side
            DirectoryUnreachable no domain controller answers
            Forbidden           403
                ItemForbidden   401 for one item, from a server that accepts the account otherwise
            NotFound            404
            ServerError         500
            RequestRejected     any other status
            InvalidAnswer       the answer is not what the API documents
                AnswerTooLarge  larger than max_response_bytes

No error ever contains a password, a token or a PIN. Of a server's answer it repeats at most the error message. Names in
messages come from servers, inventories and files; what could steer a terminal is taken out here, where messages are
made.
"""

from __future__ import annotations

import copy
import enum
import json
import platform
import re
import sys
from collections.abc import Mapping
from typing import Any, TypeVar

TOO_OLD = (
    "The collection certops.mimcm needs Python 3.10 or later where its tasks run, and {interpreter} is Python "
    "{version}; set ansible_python_interpreter to a later one, or delegate the task to a host that has one."
)

if sys.version_info < (3, 10):  # noqa: UP036
    # Each module imports this file before anything that an older Python cannot load. This is what a module prints when
    # it fails.
    _FOUND = ".".join(map(str, sys.version_info[:3]))
    _SENTENCE = TOO_OLD.format(interpreter=sys.executable, version=_FOUND)
    print(json.dumps({"failed": True, "msg": _SENTENCE}))  # pylint: disable=ansible-bad-function
    sys.exit(1)  # pylint: disable=ansible-bad-function

_Error = TypeVar("_Error", bound="MimcmError")

# Control characters (C0, C1), line and paragraph separators, marks that change the direction of writing, characters
# that are never shown, and unpaired surrogates, which cannot be printed.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]+"
)
_LONGEST = 4000


def cleaned(text: str, longest: int = _LONGEST) -> str:
    """Return a text for a message: in one line, without what could steer a terminal, and cut off if it is too long.

    Args:
        text: A text of any origin.
        longest: How many characters to keep.
    """
    # Cut off first, so that a text of megabytes costs no more than one of a line.
    kept = text if len(text) <= longest else f"{text[:longest]}..."
    return kept if kept.isascii() and kept.isprintable() else _UNPRINTABLE.sub(" ", kept)


KERBEROS = "pyspnego[kerberos]"
"""The requirement for Kerberos. Two of its packages are compiled when they are installed."""
KERBEROS_BUILD = "a C compiler and the headers of Python and Kerberos (python3-dev, libkrb5-dev or krb5-devel)"


class Recovery(enum.Enum):
    """When a wait may hope that the next poll goes better."""

    NEVER = "never"
    ONCE_ANSWERED = "once the server has answered in this wait"
    ALWAYS = "always"


class MimcmError(Exception):
    """The root of the hierarchy.

    Args:
        what: What happened, without a full stop at its end.
        where: The option, the file or the rule that it is about.
        reason: Why it happened, as far as that is known.
        addition: A further fact, such as "and nothing was sent".
        remedy: What to do next.
        details: What a failed task returns beside its message, for C(rescue) sections.
    """

    recovery = Recovery.NEVER
    _placed = "{where}: {what}"

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        reason: str | None = None,
        addition: str | None = None,
        remedy: str | None = None,
        **details: Any,
    ) -> None:
        self.what = cleaned(what)
        self.where = where and cleaned(where)
        self.reason = reason and cleaned(reason)
        self.addition = addition and cleaned(addition)
        self.remedy = remedy and cleaned(remedy)
        self.details = details
        super().__init__(self.what)

    @property
    def fact(self) -> str:
        """What happened, where and why, as a clause without a full stop."""
        placed = self._placed.format(where=self.where, what=self.what) if self.where else self.what
        explained = f"{placed}: {self.reason}" if self.reason else placed
        return f"{explained}, {self.addition}" if self.addition else explained

    @property
    def clause(self) -> str:
        """The whole message, remedy included, as a clause without a full stop."""
        return f"{self.fact}; {self.remedy}" if self.remedy else self.fact

    def __str__(self) -> str:
        return f"{self.clause}."

    def replaced(
        self: _Error,
        *,
        where: str | None = None,
        addition: str | None = None,
        remedy: str | None = None,
    ) -> _Error:
        """Return a copy of the error with another place or remedy, or with a further fact.

        Args:
            where: Replaces the error's C(where).
            addition: A further fact, appended to the error's C(addition).
            remedy: Replaces the error's C(remedy).
        """
        found = copy.copy(self)
        found.where = cleaned(where) if where else self.where
        found.addition = cleaned(", ".join(filter(None, (self.addition, addition)))) or None
        found.remedy = cleaned(remedy) if remedy else self.remedy
        return found

    def with_details(self: _Error, details: Mapping[str, Any]) -> _Error:
        """Return a copy of the error with more values for the failed task to return."""
        found = copy.copy(self)
        found.details = {**self.details, **details}
        return found


class UsageError(MimcmError):
    """An option is invalid, or options contradict each other."""


class MissingLibrary(MimcmError):
    """A Python library that the options need cannot be imported where the code runs, or is too old.

    Args:
        library: The library's name in an import statement.
        requirement: The requirement that pip installs it by.
        version: The version that is installed but too old, None if the library is missing.
    """

    def __init__(self, library: str, requirement: str, version: str | None = None) -> None:
        trouble = f"{library} {version} is too old" if version else f"{library} is missing"
        super().__init__(
            f"The Python library {trouble} on {platform.node()} for {sys.executable}",
            remedy=f"install it there with: {sys.executable} -m pip install '{requirement}'"
            + (f", which needs {KERBEROS_BUILD}" if requirement == KERBEROS else ""),
        )


class FileError(MimcmError):
    """A file on the host where the task runs cannot be read or written."""


class CallFailed(MimcmError):
    """A call failed; C(where) says during what: "listing requests"."""

    _placed = "{what} while {where}"


class Transient(CallFailed):
    """A call failed for a reason that may pass: the same call may succeed later.

    Args:
        what: What happened, without a full stop at its end.
        sent: Whether the server may have received the call, and carried it out.
        retry_after: How many seconds the server asks to wait before the next attempt, None where it does not say.
        fields: See MimcmError.
    """

    recovery = Recovery.ALWAYS

    def __init__(self, what: str, *, sent: bool = True, retry_after: float | None = None, **fields: Any) -> None:
        super().__init__(what, **fields)
        self.sent = sent
        self.retry_after = retry_after


class ConnectionFailed(Transient):
    """No complete answer came: the connection was refused, reset, broken off in the middle, or timed out."""


class HostUnknown(ConnectionFailed):
    """The server's host name does not resolve: most likely a typing error, unless the server answered before."""

    recovery = Recovery.ONCE_ANSWERED


class ServerUnavailable(Transient):
    """429, 502, 503 or 504: the server, or a proxy in front of it, is busy or temporarily unavailable."""


class CertificateRejected(CallFailed):
    """The server's certificate is not trusted."""


class ServerError(CallFailed):
    """500: the server's event log has the details, under the correlation id."""

    recovery = Recovery.ONCE_ANSWERED


class InvalidAnswer(CallFailed):
    """The answer is not what the API documents, for example HTML instead of JSON."""

    recovery = Recovery.ONCE_ANSWERED


class AnswerTooLarge(InvalidAnswer):
    """The answer is larger than O(max_response_bytes)."""


class AuthenticationFailed(CallFailed):
    """401: the server did not accept the account."""


class DirectoryUnreachable(CallFailed):
    """No domain controller answers. That is not a refusal: an account that signed in before may sign in again later."""

    recovery = Recovery.ONCE_ANSWERED


class Forbidden(CallFailed):
    """403: the server recognised the account, which may not do this."""

    _placed = "The server does not permit {where} (403)"


class ItemForbidden(Forbidden):
    """401 for one item, although the server accepts the account for others."""

    _placed = "The server does not permit {where} (401), although it accepts the account for other calls"


class NotFound(CallFailed):
    """404: the item does not exist, the API is not enabled on the server, or O(api_path) is wrong."""


class RequestRejected(CallFailed):
    """Any other status that refuses the call."""


_ABOUT_EVERYTHING = (AuthenticationFailed, CertificateRejected, DirectoryUnreachable, HostUnknown, NotFound)


def about_one_item(error: MimcmError) -> bool:
    """Return whether the failure of a call about one item says nothing about other items.

    A 404 for an item is no error (the item is missing); L(NotFound) says that the whole API was not found.
    """
    return isinstance(error, CallFailed) and not isinstance(error, _ABOUT_EVERYTHING)

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that can go wrong, as data: what happened, where, and what to do next. Its text is one sentence of these.

    MimcmError
        UsageError              the options make no sense
        MissingLibrary          a Python library is not installed
        FileError               a file cannot be read or written
        CallFailed              a call to a server came to nothing
            Transient           it may pass by itself
                ConnectionFailed    no answer
                    HostUnknown     the host name does not resolve
                ServerUnavailable   429, 502, 503, 504
            CertificateRejected the server's certificate is not trusted
            AuthenticationFailed 401, or signing in failed on this side
            DirectoryUnreachable no domain controller answers
            Forbidden           403
            NotFound            404
            ServerError         500
            RequestRejected     any other status
            InvalidAnswer       not what the contract promises
                AnswerTooLarge  larger than max_response_bytes

No error ever holds a password, a token or a PIN. Of an answer it holds at most the message that the API gives.
"""

from __future__ import annotations

import copy
import enum
import platform
import sys
from collections.abc import Mapping
from typing import Any, TypeVar

_Error = TypeVar("_Error", bound="MimcmError")


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
        addition: What else there is to tell, such as "and nothing was sent".
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
        super().__init__(what)
        self.what = what
        self.where = where
        self.reason = reason
        self.addition = addition
        self.remedy = remedy
        self.details = details

    @property
    def fact(self) -> str:
        """What happened, where and why, as a part of a sentence."""
        placed = self._placed.format(where=self.where, what=self.what) if self.where else self.what
        explained = f"{placed}: {self.reason}" if self.reason else placed
        return f"{explained}, {self.addition}" if self.addition else explained

    @property
    def clause(self) -> str:
        """Everything that it says, as a part of a sentence."""
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
        """Return a copy of the same class that says more, or says it elsewhere.

        Args:
            where: Replaces what it is about.
            addition: What else there is to tell, after what it already tells.
            remedy: Replaces what to do next.
        """
        found = copy.copy(self)
        found.where = where or self.where
        found.addition = ", ".join(filter(None, (self.addition, addition))) or None
        found.remedy = remedy or self.remedy
        return found

    def with_details(self: _Error, details: Mapping[str, Any]) -> _Error:
        """Return a copy with values added to what a failed task returns beside the message."""
        found = copy.copy(self)
        found.details = {**self.details, **details}
        return found


class UsageError(MimcmError):
    """The options make no sense, alone or together."""


class MissingLibrary(MimcmError):
    """A Python library that the options need cannot be imported where the code runs.

    Args:
        library: Its name in an import statement.
        requirement: What pip installs it by.
    """

    def __init__(self, library: str, requirement: str) -> None:
        super().__init__(
            f"The Python library {library} is missing on {platform.node()} for {sys.executable}",
            remedy=f"install it there with: {sys.executable} -m pip install '{requirement}'",
        )


class FileError(MimcmError):
    """A file on the host where the task runs cannot be read or written."""


class CallFailed(MimcmError):
    """A call came to nothing; C(where) is what was going on: "listing requests"."""

    _placed = "{what} while {where}"


class Transient(CallFailed):
    """It may pass by itself: the same call may succeed later.

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
    """No answer came: refused, reset, timed out, or broken off in the middle."""


class HostUnknown(ConnectionFailed):
    """The name of the server does not resolve: most likely a typing error, unless the server answered before."""

    recovery = Recovery.ONCE_ANSWERED


class ServerUnavailable(Transient):
    """429, 502, 503 or 504: the server, or a proxy in front of it, is busy or away for a moment."""


class CertificateRejected(CallFailed):
    """The server's certificate is not trusted."""


class ServerError(CallFailed):
    """500: the details stand in the server's event log under the correlation id."""

    recovery = Recovery.ONCE_ANSWERED


class InvalidAnswer(CallFailed):
    """The answer is not what the contract promises, for example HTML instead of JSON."""

    recovery = Recovery.ONCE_ANSWERED


class AnswerTooLarge(InvalidAnswer):
    """The answer is larger than O(max_response_bytes)."""


class AuthenticationFailed(CallFailed):
    """401: nobody was let in."""


class DirectoryUnreachable(CallFailed):
    """No domain controller answers. Nobody was refused: a caller who was let in before may be let in again."""

    recovery = Recovery.ONCE_ANSWERED


class Forbidden(CallFailed):
    """403: the caller was recognised, and may not do this."""

    _placed = "The server does not permit {where} (403)"


class NotFound(CallFailed):
    """404: the item does not exist, the API is not enabled, or O(api_path) is wrong."""


class RequestRejected(CallFailed):
    """Any other status that refuses the call."""

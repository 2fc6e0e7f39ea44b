# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that can go wrong, each as one sentence that says what happened, where, and what to do next.

No error ever holds a password, a token or a PIN. Of an answer it holds the message that the API gives, at the most.
"""

from __future__ import annotations

import enum
import platform
import sys
from typing import Any


class Recovery(enum.Enum):
    """When a wait may hope that the next poll goes better."""

    NEVER = "never"
    ONCE_ANSWERED = "once the server has answered in this wait"
    ALWAYS = "always"


class MimcmError(Exception):
    """The root of the hierarchy.

    Args:
        message: One sentence for the user.
        details: What a failed task returns beside its message, for C(rescue) sections.
    """

    recovery = Recovery.NEVER

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class UsageError(MimcmError):
    """The options make no sense, alone or together."""


class MissingLibrary(MimcmError):
    """A Python library that the options need cannot be imported where the code runs."""

    def __init__(self, library: str, requirement: str) -> None:
        super().__init__(
            f"The Python library {library} is missing on {platform.node()} for {sys.executable}; "
            f"install it there with: {sys.executable} -m pip install '{requirement}'"
        )


class FileError(MimcmError):
    """A file on the host where the task runs cannot be read or written."""


class ConnectionFailed(MimcmError):
    """No answer came: refused, reset, timed out, or broken off in the middle.

    Args:
        message: One sentence for the user.
        sent: Whether the server may have received the call, and carried it out.
    """

    recovery = Recovery.ALWAYS

    def __init__(self, message: str, sent: bool = True, **details: Any) -> None:
        super().__init__(message, **details)
        self.sent = sent


class HostUnknown(ConnectionFailed):
    """The name of the server does not resolve: most likely a typing error, unless the server answered before."""

    recovery = Recovery.ONCE_ANSWERED


class CertificateRejected(MimcmError):
    """The server's certificate is not trusted."""


class ServerUnavailable(MimcmError):
    """429, 502, 503 or 504: the server, or what stands in front of it, asks for patience."""

    recovery = Recovery.ALWAYS
    # A proxy may have passed the call on before it gave up.
    sent = True

    def __init__(self, message: str, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class ServerError(MimcmError):
    """500: the details stand in the server's event log under the correlation id."""

    recovery = Recovery.ONCE_ANSWERED


class InvalidAnswer(MimcmError):
    """The answer is not what the contract promises, for example HTML instead of JSON."""

    recovery = Recovery.ONCE_ANSWERED


class AnswerTooLarge(InvalidAnswer):
    """The answer is larger than O(max_response_bytes)."""


class AuthenticationFailed(MimcmError):
    """401: nobody was let in."""


class DirectoryUnreachable(MimcmError):
    """No domain controller answers. Nobody was refused: what was let in before may be let in again."""

    recovery = Recovery.ONCE_ANSWERED


class Forbidden(MimcmError):
    """403: the caller was recognised, and may not do this."""


class NotFound(MimcmError):
    """404: the item does not exist, the API is not enabled, or O(api_path) is wrong."""


class RequestRejected(MimcmError):
    """Any other status that refuses the call."""

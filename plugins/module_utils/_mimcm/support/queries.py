# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JMESPath queries over results."""

from __future__ import annotations

from typing import Any, TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import MissingLibrary, UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import clause

_Item = TypeVar("_Item")

# The exceptions that jmespath raises beside its own: for a step of 0, numbers out of range, thousands of parentheses.
_BREAKS = (ValueError, OverflowError, RecursionError)


def optional(expression: str | None) -> Any:
    """Return the compiled expression of an option O(query), None where it is not set."""
    return compiled(expression) if expression else None


def answered(query: Any, found: list[_Item]) -> tuple[list[_Item], Any]:
    """Return the list that a module returns, and the result of its query.

    Args:
        query: The compiled query, None for none; with a query the module returns an empty list.
        found: The list that the module found.
    """
    return ([], search(query, found)) if query else (found, None)


def compiled(expression: str, name: str = "query") -> Any:
    """Return a compiled JMESPath expression; compiling it before the server is asked reveals a wrong one early.

    Args:
        expression: The expression.
        name: The option or the key that contains it, for messages.

    Raises:
        UsageError: The expression is invalid; the message names the position.
        MissingLibrary: jmespath is not installed.
    """
    library = _jmespath()
    try:
        return library.compile(expression)
    except library.exceptions.ParseError as error:
        position = getattr(error, "lex_position", None)
        where = f"at position {position + 1}" if isinstance(position, int) and position >= 0 else "at its end"
        raise UsageError(
            f"{name} '{expression}' is not a valid JMESPath expression {where}: {_reason(error)}",
            remedy="see https://jmespath.org",
        ) from None
    except library.exceptions.JMESPathError as error:
        raise UsageError(f"{name} '{expression}' is not a valid JMESPath expression: {clause(str(error))}") from None
    except _BREAKS:
        raise UsageError(f"{name} is not a valid JMESPath expression", remedy="see https://jmespath.org") from None


def search(expression: Any, data: Any, name: str = "query") -> Any:
    """Return what a compiled expression finds in data.

    Args:
        expression: The compiled expression.
        data: What to search.
        name: The option or the key that contains it, for messages.

    Raises:
        UsageError: A function of the expression does not accept what it was given.
    """
    exceptions = _jmespath().exceptions
    try:
        return expression.search(data)
    except exceptions.JMESPathTypeError as error:
        # The exception's own text would show the value, which may be a whole object.
        raise UsageError(
            f"{name} failed on the server's data: {error.function_name}() got {error.actual_type} where "
            f"{' or '.join(error.expected_types)} is expected"
        ) from None
    except exceptions.JMESPathError as error:
        raise UsageError(f"{name} failed on the server's data: {clause(str(error))}") from None
    except TypeError:
        raise UsageError(
            f"{name} failed on the server's data: it compares values of different types, such as a string and a number"
        ) from None
    except _BREAKS:
        raise UsageError(
            f"{name} cannot be evaluated", remedy="remove any slice with step 0, and very deep nesting"
        ) from None


def unknown_function(expression: Any, data: Any) -> str | None:
    """Return what is wrong with the functions that a compiled expression calls, None if nothing is.

    Args:
        expression: The expression. jmespath checks its functions only when it is evaluated.
        data: Sample data like those that it is for.
    """
    exceptions = _jmespath().exceptions
    try:
        expression.search(data)
    except (exceptions.UnknownFunctionError, exceptions.ArityError) as error:
        return clause(str(error))
    except (exceptions.JMESPathError, TypeError, *_BREAKS):
        # That is due to the sample data, and real data may differ.
        return None
    return None


def _jmespath() -> Any:
    """Return jmespath, imported when it is first needed: most tasks have no query."""
    try:
        import jmespath
        import jmespath.exceptions
    except ImportError:
        raise MissingLibrary("jmespath", "jmespath") from None
    return jmespath


def _reason(error: Any) -> str:
    token = getattr(error, "token_value", "")
    return f"'{token}' is not expected there" if token else "something is missing there"

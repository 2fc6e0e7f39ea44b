# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JMESPath expressions: what they find, and what is said of wrong ones."""

from __future__ import annotations

import random

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.queries import compiled, search


@pytest.mark.parametrize(
    ("expression", "position"),
    [("[?a=='b'", "at its end|at position 9"), ("a..b", "at position 3"), ("a b", "at position 3"), ("@(", "position")],
)
def test_a_wrong_query_names_the_position(expression: str, position: str) -> None:
    with pytest.raises(UsageError, match=f"is not a valid JMESPath expression .*({position})"):
        compiled(expression)


def test_an_empty_query_is_wrong_too() -> None:
    with pytest.raises(UsageError, match="is not a valid JMESPath expression"):
        compiled("")


def test_a_query_that_fails_on_the_data() -> None:
    with pytest.raises(UsageError, match="query failed on the server's data"):
        search(compiled("sum(@)"), ["a"])


CHARACTERS = [*"[]{}().*?&|!<>=@,:'\"`\\ ab01-^", "length(", "sort_by(@, &", "sum(", "status", "&&", "[::0]"]


def test_any_query_finds_something_or_is_refused_in_a_sentence() -> None:
    rng = random.Random(20260101)
    data = [{"status": "Approved", "a": 1, "b": None}, {"status": None, "a": "x", "b": [1]}]
    worked, sentences = 0, []
    for _turn in range(3000):
        text = "".join(rng.choice(CHARACTERS) for _count in range(rng.randrange(1, 8)))
        try:
            search(compiled(text), data)
            worked += 1
        except errors.UsageError as error:
            sentences.append(str(error))
    assert not [sentence for sentence in sentences if "\n" in sentence]
    assert worked > 50


@pytest.mark.parametrize(
    "text", ["[::0]", "(" * 5000, "a" + ".a" * 5000, "@[99999999999999999999]", "`{`", "'a", "\ud800"]
)
def test_a_query_that_breaks_the_library_is_a_sentence(text: str) -> None:
    try:
        search(compiled(text), [{"a": 1}])
    except errors.UsageError as error:
        assert "query" in str(error)  # noqa: PT017


@pytest.mark.parametrize("text", ["[?a ~ b]", "a.b..c", "[?status=='Pending'].{", "foo(", "#"])
def test_a_wrong_query_names_where(text: str) -> None:
    with pytest.raises(errors.UsageError, match=r"at position \d+|at its end"):
        compiled(text)

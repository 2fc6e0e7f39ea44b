# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that somebody got wrong in a way that puts a secret where none belongs; queries that nobody should write."""

from __future__ import annotations

import random
import traceback
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors, options
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.shell import argument_spec
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.queries import compiled, search

SECRET = "hunter2"


def params(**given: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in argument_spec.COMMON_SPEC.items()}
    return {**defaults, "url": "https://cm.contoso.com", **given}


@pytest.mark.parametrize(
    "url",
    [
        "https://alice:hunter2@cm.contoso.com",
        "https://alice:hunter2/x@cm.contoso.com",
        "https://alice:hunter2#x@cm.contoso.com",
        "https://alice:hunter2?x@cm.contoso.com",
        "https://alice:hunter2@cm.contoso.com:port",
        "https://alice:hunter2@",
        "https://alice:1234/hunter2@cm.contoso.com",
        "https://alice:hunter2@[::1",
        "https:/alice:hunter2@cm.contoso.com",
        "https:alice:hunter2@cm.contoso.com",
        "htps://alice:hunter2@cm.contoso.com",
        "//alice:hunter2@cm.contoso.com",
        "alice:hunter2@cm.contoso.com",
        r"https://CONTOSO\alice:hunter2@cm.contoso.com",
    ],
)
@pytest.mark.parametrize("function", [options.connection, options.login])
def test_a_password_in_the_url_is_refused_and_not_repeated(url: str, function: Any) -> None:
    with pytest.raises(errors.UsageError, match="url") as caught:
        function(params(url=url, auth_method="ntlm", username="alice", password="x"))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", [" https://cm.contoso.com \n", "HTTPS://CM.contoso.com/", "https://cm.contoso.com:443"])
def test_url_forms(url: str) -> None:
    base = options.connection(params(url=url, api_path="/a/")).base
    assert base.lower() in ("https://cm.contoso.com/a", "https://cm.contoso.com:443/a")


@pytest.mark.parametrize("token", ["t\u00e4", "a\nb", "a b", "a\x00", "\u2028", "a\r", "\x7f"])
def test_an_odd_token_is_refused_and_not_repeated(token: str) -> None:
    token = f"hunter2{token}"
    with pytest.raises(errors.UsageError, match="token holds") as caught:
        options.login(params(auth_method="token", token=token))
    assert SECRET not in f"{caught.value}{caught.value!r}{caught.value.details}"


@pytest.mark.parametrize("token", ["a.b-c_d~e+f/g==", "{}", "%s", "'\"", "\\"])
def test_a_token_of_printable_characters_is_taken(token: str) -> None:
    assert options.login(params(auth_method="token", token=token)).token == token


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

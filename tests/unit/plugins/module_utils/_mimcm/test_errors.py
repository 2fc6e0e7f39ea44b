# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Errors are data: their sentence is made of their fields, and nobody has to take it apart."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.tests.unit.helpers import PLUGINS


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (errors.MimcmError("It is broken"), "It is broken."),
        (errors.UsageError("it is not a GUID", where="target"), "target: it is not a GUID."),
        (errors.FileError("it cannot be read", remedy="check path"), "it cannot be read; check path."),
        (
            errors.ConnectionFailed("No way", where="listing requests", reason="reset", remedy="check url"),
            "No way while listing requests: reset; check url.",
        ),
        (
            errors.Forbidden("No", where="listing requests", remedy="ask"),
            "The server does not permit listing requests (403); ask.",
        ),
        (errors.ServerError("It failed", addition="and says: no"), "It failed, and says: no."),
    ],
)
def test_the_sentence_is_made_of_the_fields(error: errors.MimcmError, sentence: str) -> None:
    assert str(error) == sentence
    assert error.clause == sentence[:-1]


STEERING = [chr(number) for number in (*range(32), *range(127, 160))] + [
    *("\u061c", "\u200b", "\u200e", "\u200f", "\u2028", "\u2029", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e"),
    *("\u2066", "\u2067", "\u2068", "\u2069", "\ufeff", "\ud800", "\udfff", "\U000e0041"),
]


@pytest.mark.parametrize("character", STEERING, ids=ascii)
def test_what_steers_a_terminal_is_taken_out_of_every_part_of_a_message(character: str) -> None:
    text = f"a{character}b"
    error = errors.MimcmError(text, where=text, reason=text, addition=text, remedy=text)
    error = error.replaced(addition=text)
    for said in (str(error), error.clause, error.fact, *error.args):
        assert character not in said
    for replaced in (error.replaced(where=text), error.replaced(remedy=text)):
        assert character not in str(replaced)


@pytest.mark.parametrize(
    "name",
    [
        "Zo\u00eb M\u00fcller",
        "\u0418\u0432\u0430\u043d\u0430",
        "\u65e5\u672c",
        "\u0639\u0644\u064a",
        "\u0645\u06cc\u200c\u062e",
        "\u0915\u094d\u200d\u0937",
    ],
)
def test_names_in_any_script_stay_as_they_are(name: str) -> None:
    assert name in str(errors.MimcmError(f"{name} has no card"))


def test_a_message_has_an_end() -> None:
    assert len(str(errors.MimcmError("x" * 10**7, remedy="y" * 10**7))) < 10_000


def test_a_copy_says_more_and_stays_what_it_is() -> None:
    busy = errors.ServerUnavailable("Busy", where="creating a request", remedy="wait", retry_after=7.0, http_status=503)
    found = busy.replaced(addition="and nothing is known", remedy="run it again").with_details({"changed": True})
    again = found.replaced(addition="and never will be")
    assert str(again) == "Busy while creating a request, and nothing is known, and never will be; run it again."
    assert (type(again), again.retry_after, again.sent) == (errors.ServerUnavailable, 7.0, True)
    assert again.details == {"http_status": 503, "changed": True}
    assert str(busy) == "Busy while creating a request; wait."
    assert busy.details == {"http_status": 503}


def test_whether_to_try_again_is_data() -> None:
    assert issubclass(errors.ConnectionFailed, errors.Transient)
    assert issubclass(errors.ServerUnavailable, errors.Transient)
    assert errors.ConnectionFailed("refused", sent=False).sent is False
    assert errors.ConnectionFailed("lost").retry_after is None


def calls_in(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_no_message_is_taken_apart(path: Path) -> None:
    """The text of an error is neither cut, searched nor replaced: what it says stands in its fields."""
    methods = {"split", "rsplit", "partition", "rpartition", "replace", "rstrip", "removesuffix", "startswith", "find"}
    for call in calls_in(path):
        if isinstance(call.func, ast.Attribute) and call.func.attr in methods:
            assert not re.match(r"str\((\w+\.)?(error|failure|trouble|fatal)\)", ast.unparse(call.func.value)), path
        if ast.unparse(call.func) == "getattr":
            assert ast.unparse(call.args[1]) not in ("'retry_after'", "'sent'"), path


@pytest.mark.parametrize("path", sorted(PLUGINS.rglob("*.py")), ids=lambda path: str(path.relative_to(PLUGINS)))
def test_no_error_brings_its_own_full_stop(path: Path) -> None:
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type)}
    for call in calls_in(path):
        if ast.unparse(call.func) in kinds and call.args:
            texts = [node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)]
            assert not (texts and isinstance(texts[-1], str) and texts[-1].endswith(".")), (path, texts)

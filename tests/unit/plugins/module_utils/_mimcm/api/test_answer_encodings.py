# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts in any encoding, and what is no JSON in any."""

from __future__ import annotations

import time
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


@pytest.mark.parametrize(
    ("content", "content_type", "comment"),
    [
        ('[{"Comment": "Grüße"}]'.encode("iso-8859-1"), "application/json; charset=iso-8859-1", "Grüße"),
        ('[{"Comment": "Grüße"}]'.encode("iso-8859-1"), "application/json; charset=ISO-8859-1; x=y", "Grüße"),
        ('[{"Comment": "Grüße"}]'.encode("utf-8-sig"), "application/json", "Grüße"),
        ('[{"Comment": "Grüße"}]'.encode("utf-16"), "application/json; charset=utf-16", "Grüße"),
        (b'[{"Comment": "half \\ud83d, whole \\ud83d\\ude00"}]', "application/json", "half �, whole \U0001f600"),
        (b'[{"Comment": "\xed\xa0\x80"}]', "application/json", "�"),
    ],
    ids=["latin", "latin with parameters", "bom", "utf-16", "half a pair", "half a pair in bytes"],
)
def test_texts_in_any_encoding(scripted: Any, reply: Any, content: bytes, content_type: str, comment: str) -> None:
    scripted.answer(reply(content, content_type=content_type))
    found = scripted.client().list_generation_options(ID)[0]["comment"]
    assert found == comment
    assert found.encode()


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b'[{"Comment": "\xff"}]', "application/json"),
        (b'[{"Comment": "\xff"}]', "application/json; charset=utf-8"),
        (b'[{"Comment": "\xff"}]', "application/json; charset=no-such-charset"),
        (b'[{"Priority": NaN}]', "application/json"),
        (b'[{"Priority": -Infinity}]', "application/json"),
        (b'[{"Priority": ' + b"9" * 5000 + b"}]", "application/json"),
        (b"[" * 100_000, "application/json"),
    ],
    ids=["utf-8", "declared utf-8", "unknown charset", "nan", "infinity", "digits", "depth"],
)
def test_what_is_no_json(scripted: Any, reply: Any, content: bytes, content_type: str) -> None:
    scripted.answer(reply(content, content_type=content_type))
    with pytest.raises(errors.InvalidAnswer, match="not JSON"):
        scripted.client().list_requests()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("content", ['"0042"', "0042"], ids=["json", "bare"])
def test_a_pin_in_any_encoding(scripted: Any, reply: Any, encoding: str, content: str) -> None:
    scripted.answer(reply(content.encode(encoding), content_type=f"application/json; charset={encoding}"))
    assert scripted.client().get_server_proposed_pin(ID) == "0042"


def test_a_pin_that_is_not_understood_is_not_guessed(scripted: Any, reply: Any) -> None:
    for content in (b'"pin\xffhunter"', b"pin\xffhunter", b'"pin\\ud800hunter"', b"pin\xed\xa0\x80hunter"):
        scripted.answer(reply(content))
        with pytest.raises(errors.InvalidAnswer) as caught:
            scripted.client().get_server_proposed_pin(ID)
        assert "hunter" not in str(caught.value)


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "rot13", "utf-7", "unicode_escape", "raw_unicode_escape", "hex", "mbcs"]
)
def test_a_codec_that_is_no_charset_is_not_used(scripted: Any, reply: Any, charset: str) -> None:
    """256 KiB of broken text in punycode took more than a minute."""
    content_type = f"application/json; charset={charset}"
    scripted.answer(reply(b"\xff" + b"a-" * 2**17, headers={"Content-Type": content_type}))
    start = time.process_time()
    with pytest.raises(errors.InvalidAnswer):
        scripted.client().list_requests()
    assert time.process_time() - start < 5


def test_a_giant_content_type_takes_no_time(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(b"\xff", headers={"Content-Type": 'a/b;"' + ';"' * 30000}))
    start = time.process_time()
    with pytest.raises(errors.InvalidAnswer):
        scripted.client().list_requests()
    assert time.process_time() - start < 5

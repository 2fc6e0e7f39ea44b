# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that repeats what it was told, or what it should keep: none of it is passed on."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.secrecy import repeats
from ansible_collections.certops.mimcm.tests.unit.plugins.module_utils._mimcm.support.written_secret import (
    SECRET,
    WRITTEN,
)

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


@pytest.mark.parametrize("way", WRITTEN)
@pytest.mark.parametrize("status", [400, 403, 404, 418, 500, 503])
def test_messages_that_repeat_the_token(scripted: Any, reply: Any, way: str, status: int) -> None:
    scripted.answer(reply({"Message": f"Bad: {WRITTEN[way]}"}, status=status))
    said = failure(scripted)
    assert not repeats(said, [SECRET])
    if status in (400, 500):
        assert "a message that repeats a secret" in said


@pytest.mark.parametrize("place", ["https://elsewhere.test/{}", "/login?token={}", "//{}/x", "http://[broken/{}"])
def test_redirects_that_repeat_the_token(scripted: Any, reply: Any, place: str) -> None:
    location = place.format(quote(SECRET, safe=""))
    scripted.answer(reply(b"", status=302, headers={"Location": location}))
    said = failure(scripted)
    assert "redirects to" in said
    assert not repeats(said, [SECRET])


def test_a_redirect_shows_no_query(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(b"", status=302, headers={"Location": "https://adfs.test:8443/adfs/ls?wctx=whatever"}))
    assert "redirects to https://adfs.test:8443/adfs/ls (302)" in failure(scripted)


def test_content_types_and_schemes_that_repeat_the_token(scripted: Any, reply: Any) -> None:
    token = "tok-5ecret-5ecret"
    scripted.answer(reply(b"<p>", content_type=f"text/{token}"))
    assert "5ecret" not in failure(scripted, token)
    scripted.answer(reply(b"", status=401, headers={"WWW-Authenticate": f"{token}"}))
    assert "5ecret" not in failure(scripted, token)


def test_what_is_secret_repeats_nothing_of_a_redirect_or_a_reason(scripted: Any, reply: Any) -> None:
    scripted.answer(reply(b"", status=302, headers={"Location": "https://elsewhere.test/00736214985"}))
    with pytest.raises(errors.RequestRejected, match="redirects to another address") as caught:
        scripted.client().get_server_proposed_pin(ID)
    assert "00736214985" not in str(caught.value)


def test_a_message_cannot_steer_a_terminal(scripted: Any, reply: Any) -> None:
    scripted.answer(reply({"Message": "\x1b[2J\x07Bad\r\nline\u009b"}, status=400))
    said = failure(scripted)
    assert "Bad line" in said
    assert said.isprintable()


def failure(scripted: Any, token: str = SECRET) -> str:
    client = scripted.client(auth_method="token", token=token, allow_http_credentials=True)
    with pytest.raises(errors.MimcmError) as caught:
        client.list_requests()
    return str(caught.value)

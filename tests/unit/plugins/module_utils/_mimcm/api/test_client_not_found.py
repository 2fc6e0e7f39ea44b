# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An item that is not there is told from an API that is not there."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors

ID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"


@pytest.mark.parametrize("probe", [{"reset": True}, {"status": 503}, {"status": 502}])
def test_an_item_is_not_called_missing_while_the_server_is_going_away(scripted: Any, reply: Any, probe: Any) -> None:
    """A 404 of something in front of the server, and then no answer: nothing is known about the request."""
    scripted.script = lambda call: reply(b"", status=404) if call.path.endswith(ID) else reply(b"", **probe)
    with pytest.raises(errors.MimcmError):
        scripted.client().get_request(ID)


def test_a_sign_in_page_is_no_proof_of_the_api(scripted: Any, reply: Any) -> None:
    client = scripted.client()
    scripted.answer(reply(b"<html>", content_type="text/html"))
    with pytest.raises(errors.InvalidAnswer):
        client.list_requests()
    scripted.answer(reply(b"", status=404))
    with pytest.raises(errors.NotFound):
        client.get_request(ID)


def test_404_of_an_item_and_of_the_collection(scripted: Any, reply: Any) -> None:
    scripted.script = lambda call: reply(
        [] if not call.path.endswith(ID) else b"", status=200 + 204 * (ID in call.path)
    )
    client = scripted.client()
    assert client.get_request(ID) is None
    assert len(scripted.calls) == 2
    assert client.get_request(ID) is None
    assert len(scripted.calls) == 3, "the API was found once and is not probed again"

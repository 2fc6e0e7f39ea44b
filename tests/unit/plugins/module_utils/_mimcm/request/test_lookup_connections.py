# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Single look-ups over real connections to the reference server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm import errors
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import RequestFinder
from ansible_collections.certops.mimcm.tests.unit.helpers import client, control, fault

APPROVED = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
UNKNOWN = "99999999-0000-4000-8000-000000000001"


def test_no_ids_are_no_call(server: Any) -> None:
    api = client(server)
    assert list(RequestFinder(api).find([])) == []
    assert api.http_calls == 0


def test_a_connection_that_breaks_over_one_request_is_about_this_one(server: Any) -> None:
    fault(server, kind="reset", match=f"/requests/{UNKNOWN}")
    for ids in ([APPROVED, UNKNOWN], [UNKNOWN, APPROVED]):
        found = dict(RequestFinder(client(server, retries=0)).find(ids))
        assert isinstance(found[UNKNOWN], errors.ConnectionFailed)
        assert isinstance(found[APPROVED], dict)


def test_a_server_that_goes_away_is_about_all_and_what_was_found_before_was_yielded(server: Any) -> None:
    fault(server, kind="reset", match="/requests/", skip=1)
    found = RequestFinder(client(server, retries=0, max_connections=1), []).find([APPROVED, *unknown(9)])
    assert next(found)[0] == APPROVED
    with pytest.raises(errors.ConnectionFailed):
        next(found)
    assert control(server, "calls", method="GET")["total"] < 9


def unknown(count: int) -> list[str]:
    return [f"{number:08d}-0000-4000-8000-000000000001" for number in range(count)]


def test_single_calls_go_side_by_side_on_few_connections(server: Any) -> None:
    fault(server, kind="hold", match="/requests/")
    api = client(server, max_connections=3, timeout=600)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(lambda: dict(RequestFinder(api, []).find(unknown(7))))
        # The second begins when the first has shown that the server lets the caller in; then three are under way.
        for side_by_side in (1, 3, 3):
            server.until("held", {"held": side_by_side}.__eq__)
            control(server, "release")
        control(server, "faults", method="DELETE")
        control(server, "release")
        assert found.result(60) == dict.fromkeys(unknown(7))
    calls = control(server, "calls", method="GET")
    assert calls["connections"] == 3
    assert calls["total"] == api.http_calls


def test_one_connection_is_enough_if_no_more_are_allowed(server: Any) -> None:
    api = client(server, max_connections=1)
    assert len(dict(RequestFinder(api, []).find(unknown(5)))) == 5
    assert control(server, "calls", method="GET")["connections"] == 1

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long lists of requests come out as request after request does, whatever the server sends."""

from __future__ import annotations

import copy
import gc
import json
import sys
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import InvalidAnswer
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import request_lists, shapes, values
from ansible_collections.certops.mimcm.tests.unit.helpers import examples

GUID = "a9b4b42c-cc50-4c9b-89d1-bbc0bcd5a099"
DOCUMENTED: dict[str, Any] = examples("get-request")[1]["response"]["json"]

GUIDS = [GUID, GUID.upper(), f"{{{GUID}}}", f" {GUID}", values.NO_GUID, f"{{{values.NO_GUID}}}", "", None, 7]
TIMES = [
    *("2015-07-07T23:36:21.93Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00z"),
    *("0001-01-01T00:00:00", "0001-01-01T00:00:00.0000000Z", "\u0662026Z", "", "Z", None, 5, ["Z"]),
]
ANYTHING = [None, True, False, 0, 1, 1.0, 16, "16", "pending", 77, 10**30, "", "text\x00", "\u00e4", "\ud800", [], {}]
NESTED = [[{"Name": "Cost centre", "Value": None}], {"InnerName": ["\ud83d"]}, [[1]]]
OF_A_KIND = {"Uuid": GUIDS, "Submitted": TIMES, "Completed": TIMES}
NAMES = [*DOCUMENTED, "ApprovalsLeft", "StatusCode", "uuid", "STATUS", "__class__", ""]


def values_of(name: str) -> list[Any]:
    return [*(GUIDS if name.lower().endswith("uuid") else OF_A_KIND.get(name, [])), *ANYTHING, *NESTED]


@st.composite
def requests(draw: st.DrawFn) -> Any:
    """A documented request with a few properties changed, added, left out, or in another order."""
    request = copy.deepcopy(DOCUMENTED)
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=4)):
        request[name] = draw(st.sampled_from(values_of(name)))
    for name in draw(st.lists(st.sampled_from(NAMES), max_size=1)):
        request.pop(name, None)
    return dict(draw(st.permutations(list(request.items())))) if draw(st.booleans()) else request


def one_by_one(listed: list[Any]) -> Any:
    try:
        return [shapes.request(item) for item in listed]
    except InvalidAnswer as error:
        return str(error)


def at_once(listed: list[Any]) -> Any:
    try:
        return request_lists.requests(listed)
    except InvalidAnswer as error:
        return str(error)


def written(found: Any) -> str:
    """As text, because in Python 1 is True and 1.0 too; with the keys in order, save for those that the server adds."""
    if isinstance(found, str):
        return found
    documented = len(shapes.REQUEST.fields) + len(shapes.REQUEST.enums)
    pairs = [list(item.items()) for item in found]
    return json.dumps([[*item[:documented], *sorted(item[documented:], key=itemgetter(0))] for item in pairs])


@given(st.lists(requests(), max_size=4))
def test_a_list_comes_out_as_its_requests_do(listed: list[Any]) -> None:
    expected = one_by_one(copy.deepcopy(listed))
    found = at_once(listed)
    assert written(found) == written(expected)


@pytest.mark.parametrize("name", [*DOCUMENTED, "ApprovalsLeft", "StatusCode"])
def test_each_property_with_each_value(name: str) -> None:
    for value in values_of(name):
        changed = {**DOCUMENTED, name: value}
        listed = [DOCUMENTED, changed, {**DOCUMENTED, "Uuid": values.NO_GUID[:-1] + "1"}]
        expected = one_by_one(copy.deepcopy(listed))
        assert written(at_once(copy.deepcopy(listed))) == written(expected), (name, value)


def test_what_is_documented_is_not_left_to_the_slow_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_lists, "request", lambda item: pytest.fail("it was"))
    upper = {name: value.upper() if name.endswith("Uuid") else value for name, value in DOCUMENTED.items()}
    (first, second) = request_lists.requests([{**DOCUMENTED, "ApprovalsLeft": 2}, {**upper, "ApprovalsLeft": 3}])
    assert (first["approvals_left"], second["approvals_left"]) == (2, 3)
    assert first["uuid"] == second["uuid"] == DOCUMENTED["Uuid"]


@pytest.mark.parametrize("added", [{}, {"ApprovalsLeft": 2}])
def test_a_request_takes_less_memory_than_a_dictionary_of_its_own(added: dict[str, Any]) -> None:
    listed = request_lists.requests([{**DOCUMENTED, **added} for _twice in range(2)])
    # Nobody else has their keys then; of a single request they would count as its own.
    gc.collect()
    found = listed[0]
    assert sys.getsizeof(found) < sys.getsizeof(shapes.request({**DOCUMENTED, **added})) / 2


def test_no_two_requests_share_anything_that_can_be_changed() -> None:
    first, second = request_lists.requests([copy.deepcopy(DOCUMENTED) for _twice in range(2)])
    first["data_collection"].append(1)
    first["comment"] = "changed"
    assert second == shapes.request(DOCUMENTED)


@pytest.mark.parametrize("spelled", [GUID, GUID.upper(), f"{{{GUID.upper()}}}"])
def test_only_those_that_are_wanted_are_read(spelled: str) -> None:
    others = [{"Uuid": f"{number:08d}-cc50-4c9b-89d1-bbc0bcd5a099", "Status": "unread"} for number in range(3)]
    (found,) = request_lists.requests([*others, {"UUID": spelled, "Status": 3}, None][:-1], {GUID})
    assert (found["uuid"], found["status"]) == (GUID, "Approved")


def test_a_list_of_something_else_is_refused_even_if_little_is_wanted() -> None:
    with pytest.raises(InvalidAnswer):
        request_lists.requests([{"Uuid": GUID}, "<html>"], {GUID})


@pytest.mark.parametrize(
    ("payload", "count"), [([], 0), (None, 0), ({"Uuid": GUID}, 1), ([{"Uuid": GUID}, {"Uuid": GUID}], 2)]
)
def test_lists_in_every_documented_form(payload: Any, count: int) -> None:
    assert len(request_lists.requests(payload)) == count


@pytest.mark.parametrize("payload", ["text", 3, True, [3], [None], [[]], {"Status": 3}, [{"Uuid": values.NO_GUID}]])
def test_what_is_no_request(payload: Any) -> None:
    with pytest.raises(InvalidAnswer):
        request_lists.requests(payload)

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In process, a task's code gets the arguments that Ansible would write into its module."""

from __future__ import annotations

import datetime
import decimal
import json
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
from ansible.executor.module_common import modify_module
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils.unsafe_proxy import wrap_var
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.certops.mimcm.plugins.plugin_utils._arguments import NotSendable, as_sent


class Text(str):
    """What a templating engine makes of strings."""


class Number(float):
    """What numpy makes of numbers."""


UTC = datetime.timezone.utc
SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.integers(10**30, 10**300), st.floats(), st.text()),
    *(st.dates(), st.times(), st.datetimes(), st.datetimes(timezones=st.just(UTC)), st.binary(), st.decimals()),
    *(st.text().map(Text), st.floats().map(Number), st.text().map(wrap_var), st.binary().map(wrap_var)),
)
KEYS = st.text() | st.integers() | st.booleans() | st.none() | st.floats(allow_nan=False) | st.dates()
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        *(st.lists(inner, max_size=3).map(make) for make in (list, tuple, wrap_var)),
        *(st.dictionaries(KEYS, inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3).map(OrderedDict)),
        st.sets(st.text(), max_size=1),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="session")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What Ansible writes into a module: this one consists of nothing but its arguments."""
    path = Path(tmp_path_factory.mktemp("module"), "arguments_only.py")
    path.write_text("<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>")

    def made(arguments: dict[str, Any]) -> Any:
        templar = Templar(loader=DataLoader(), variables={})
        variables = {"ansible_python_interpreter": "/usr/bin/python3"}
        built = modify_module(
            module_name="arguments_only",
            module_path=str(path),
            module_args=arguments,
            templar=templar,
            task_vars=variables,
        )
        return json.loads(built[0] if isinstance(built, tuple) else built.b_module_data)

    return made


@given(tree=TREES)
@example(tree=datetime.datetime(2026, 11, 20, 8, 30))
@example(tree=datetime.datetime(2026, 11, 20, 8, 30, tzinfo=UTC))
@example(tree=datetime.date(2026, 11, 20))
@example(tree=datetime.time(8, 30))
@example(tree={"a": ("b", {"c"}, b"d")})
@example(tree={b"key": 1})
@example(tree=float("inf"))
@example(tree=decimal.Decimal("1.10"))
@example(tree=object())
@example(tree="\ud800")
def test_what_arrives_is_what_ansible_writes_into_a_module(sent: Any, tree: Any) -> None:
    arguments = {"policy": tree}
    try:
        expected = sent(arguments)
    except Exception:  # ansible-core 2.16 stumbles over some types.
        with pytest.raises(NotSendable):
            as_sent(arguments)
    else:
        # As text, because NaN is not equal to itself, and 1 is to true.
        assert repr(as_sent(arguments)) == repr(expected)


def test_what_arrives_is_plain() -> None:
    found = as_sent({"url": Text("x"), "ids": (wrap_var("y"),), "n": None, "f": Number(1.5), "b": True})
    assert found == {"url": "x", "ids": ["y"], "n": None, "f": 1.5, "b": True}
    assert [value.__class__ for value in (found["url"], found["ids"][0], found["f"])] == [str, str, float]

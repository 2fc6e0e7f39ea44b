# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a request against the workflow policy of its profile template. No I/O.

The properties of a policy are documented, the form of its data collection items is not. This check ignores items that
it cannot interpret; the server still checks them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import WorkflowPolicy

_NAMES = ("name", "field", "display_name", "item_name")
_REQUIRED = ("required", "is_required", "mandatory", "is_mandatory")
_DEFAULTS = ("default_value", "default", "value")


def objections(
    policy: WorkflowPolicy, data_collection: Mapping[str, Any], comment: str, priority: int | None
) -> list[str]:
    """Return the violations of a workflow policy by a request, each with what to do about it.

    Args:
        policy: The workflow policy, as the client returns it.
        data_collection: The values of the request's data collection items by name.
        comment: The user's comment.
        priority: The user's priority, None for none.
    """
    if _is_false(policy["enabled"]):
        return ["the workflow is disabled; enable it in the profile template"]
    return [
        *_missing_items(policy, data_collection),
        *_unknown_items(policy, data_collection),
        *_not_collected(policy, comment, priority),
    ]


def _missing_items(policy: WorkflowPolicy, given: Mapping[str, Any]) -> Iterator[str]:
    names = {name.lower() for name, value in given.items() if value not in (None, "")}
    missing = [name for name, item in _items(policy) if name.lower() not in names and _must_be_given(item)]
    if missing:
        example = ", ".join(f"{name}: ..." for name in missing)
        items = "item" if len(missing) == 1 else "items"
        yield f"it requires the data collection {items} {_quoted(missing)}; pass data_collection: {{{example}}}"


def _unknown_items(policy: WorkflowPolicy, given: Mapping[str, Any]) -> Iterator[str]:
    known = {name.lower(): name for name, _item in _items(policy)}
    unknown = [name for name in given if name.lower() not in known]
    # An empty list may also mean that the server does not list its items.
    if unknown and known:
        yield f"it does not collect {_quoted(unknown)}; data_collection may contain {_quoted(known.values())}"


def _not_collected(policy: WorkflowPolicy, comment: str, priority: int | None) -> Iterator[str]:
    if comment and _is_false(policy["collect_comments"]):
        yield "it does not collect comments; leave comment out"
    if priority is not None and _is_false(policy["collect_request_priority"]):
        yield "it does not collect a priority; leave priority out"


def _items(policy: WorkflowPolicy) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the properties of each data collection item, each name once."""
    seen: set[str] = set()
    for item in policy["policy_data_collection"]:
        name = item if isinstance(item, str) else _first(item, _NAMES) if isinstance(item, Mapping) else None
        if isinstance(name, str) and name and name.lower() not in seen:
            seen.add(name.lower())
            yield name, item if isinstance(item, Mapping) else {}


def _must_be_given(item: Mapping[str, Any]) -> bool:
    if _first(item, _DEFAULTS) not in (None, ""):
        return False
    return not _is_false(_first(item, _REQUIRED))


def _is_false(value: Any) -> bool:
    """Return whether a value of the server means no, as a boolean, number or string; a missing value does not."""
    return value is not None and str(value).lower() in ("false", "0")


def _first(item: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((item[name] for name in names if item.get(name) is not None), None)


def _quoted(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)

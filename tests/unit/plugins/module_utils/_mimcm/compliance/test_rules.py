# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A policy is refused with one sentence that names the rule and the key, and otherwise does what it says."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance import rules
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import read_policy
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError

OWN = {"title": "Mine", "about": "request", "select": "[?priority > $most]", "parameters": {"most": 3}}


def rule(policy: dict[str, Any], name: str) -> rules.Rule:
    (found,) = [found for found in read_policy(policy) if found.id == name]
    return found


def test_without_a_policy_the_rules_of_the_collection_apply() -> None:
    assert [found.id for found in read_policy({})] == list(rules.DEFAULT_RULES)


def test_a_rule_is_changed_in_part() -> None:
    found = rule({"rules": {"pending-too-long": {"severity": "high", "parameters": {"days": 2.5}}}}, "pending-too-long")
    assert (found.severity, found.parameters) == ("high", {"days": 2.5})
    assert found.title == rules.DEFAULT_RULES["pending-too-long"]["title"]
    objects = [{"status": "Pending", "age_days": 2.4}, {"status": "Pending", "age_days": 2.6}]
    assert found.applies_to(objects) == objects[1:]


def test_rules_are_switched_off_and_left_out() -> None:
    assert "pending-too-long" not in [r.id for r in read_policy({"rules": {"pending-too-long": {"enabled": False}}})]
    assert [found.id for found in read_policy({"defaults": False, "rules": {"mine": OWN}})] == ["mine"]
    # What YAML makes of a key without a value.
    assert len(read_policy({"rules": {"pending-too-long": None}})) == len(rules.DEFAULT_RULES)
    assert len(read_policy({"rules": None})) == len(rules.DEFAULT_RULES)


def test_a_rule_of_ones_own() -> None:
    found = rule(
        {"rules": {"mine": {**OWN, "reason": "$$5: $priority of $most, $completed, $data_collection."}}}, "mine"
    )
    objects = [{"priority": 4, "completed": None, "data_collection": ["a", "b"]}, {"priority": 3}]
    assert found.applies_to(objects) == objects[:1]
    assert found.reason_for(objects[0]) == "$5: 4 of 3, unknown, a, b."
    assert found.severity == "medium"
    assert rule({"rules": {"mine": OWN}}, "mine").reason_for(objects[0]) == "Mine."


@pytest.mark.parametrize(
    "value", ["a'b", 'a"b', "a`b", "a\\b", "$most", "ä\u2028", ["x", None, 1.5], {"k": True}, None]
)
def test_parameters_of_any_kind_are_compared_as_they_are(value: Any) -> None:
    own = {"title": "Mine", "about": "request", "select": "[?comment == $value]", "parameters": {"value": value}}
    objects = [{"comment": value}, {"comment": "another"}]
    assert rule({"rules": {"mine": own}}, "mine").applies_to(objects) == objects[:1]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"rule": {}}, "policy: the key rule is not recognised; the allowed keys are rules, defaults"),
        ({"rules": []}, "policy: rules must be a mapping"),
        ({"defaults": "maybe"}, "policy: defaults must be true or false"),
        ({"rules": {"a b": {}}}, "'a b' is not a valid rule name"),
        ({"rules": {7: {}}}, "'7' is not a valid rule name"),
        ({"rules": {"pending-too-long": 3}}, "rule pending-too-long: must be a mapping"),
        ({"rules": {"pending-too-long": {"days": 3}}}, "rule pending-too-long: the key days is not recognised"),
        ({"rules": {"pending-too-long": {"parameters": {"day": 3}}}}, "no parameter day; its parameters are: days"),
        ({"rules": {"pending-too-long": {"parameters": {"days": "3"}}}}, "parameter days must be a number"),
        ({"rules": {"pending-too-long": {"parameters": {"days": True}}}}, "parameter days must be a number"),
        ({"rules": {"certificate-template": {"parameters": {"unwanted": "x"}}}}, "unwanted must be a list"),
        ({"rules": {"pending-too-long": {"severity": "severe"}}}, "severity must be one of critical, .*'severe'"),
        ({"rules": {"pending-too-long": {"enabled": "no"}}}, "enabled must be true or false"),
        ({"rules": {"mine": {}}}, "rule mine: title and about and select must be set"),
        ({"rules": {"mine": {**OWN, "about": "requests"}}}, "about must be one of request, smartcard"),
        ({"rules": {"mine": {**OWN, "select": "[?"}}}, "rule mine: select .* is not a valid JMESPath expression"),
        ({"rules": {"mine": {**OWN, "select": "[?a > $other]"}}}, r"select names \$other; its parameters are: most"),
        ({"rules": {"mine": {**OWN, "select": "[?a > $]"}}}, r"select contains a \$ that is not followed by a name"),
        ({"rules": {"mine": {**OWN, "reason": "5 $ more"}}}, r"reason contains a \$ that is not followed by a name"),
        ({"rules": {"mine": {**OWN, "parameters": {"A b": 1}}}}, "'A b' is not a valid parameter name"),
        ({"rules": {"mine": {**OWN, "reason": "It has $colour."}}}, r"reason names \$colour, which is neither"),
        ({"rules": {"mine": {**OWN, "select": "[?nosuch(status)]"}}}, r"select cannot be evaluated: .*nosuch\(\)"),
        ({"rules": {"mine": {**OWN, "select": "[?length(status, `1`) > `1`]"}}}, "select cannot be evaluated: "),
        ({"rules": {"mine": {**OWN, "select": "[?a == '$most']"}}}, "select has a parameter between quotes"),
        ({"rules": {"mine": {**OWN, "select": "[?a == `$most`]"}}}, "select has a parameter between quotes"),
        (
            {"rules": {"mine": {**OWN, "title": "  "}}},
            "rule mine: title must be set, because the collection has no rule of that name",
        ),
        ({"defaults": False, "rules": {"pending-too-long": {"severity": "low"}}}, "because defaults is false"),
        ({"rules": {"pending-too-long": {"about": "smartcard"}}}, "about cannot be changed without select"),
        ({"rules": {"pending-too-long": {"parameters": {"days": float("nan")}}}}, "days must be a number of 0 or more"),
        ({"rules": {"pending-too-long": {"parameters": {"days": -2}}}}, "days must be a number of 0 or more"),
        ({"rules": {"failed-or-denied": {"parameters": {"statuses": ["Failed", 3]}}}}, "must be a list of strings"),
    ],
)
def test_what_is_wrong_is_named(policy: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        read_policy(policy)
    message = str(caught.value)
    assert message.startswith("policy")
    assert (message.count(". "), message[-1]) == (0, ".")


@pytest.mark.parametrize("select", ["[].uuid", "length(@)", "[0].priority", "[?priority].{a: priority}"])
def test_a_selection_must_return_objects(select: str) -> None:
    found = rule({"rules": {"mine": {"title": "Mine", "about": "request", "select": select}}}, "mine")
    with pytest.raises(UsageError, match="rule mine: select must return whole objects"):
        found.applies_to([{"uuid": "1", "priority": 1}])


def test_a_selection_that_fails_on_the_data() -> None:
    own = {"title": "Mine", "about": "request", "select": "[?starts_with(priority, 'a')]"}
    with pytest.raises(UsageError, match="policy: rule mine: select failed on the server's data"):
        rule({"rules": {"mine": own}}, "mine").applies_to([{"priority": 1}])


@pytest.mark.parametrize("select", ["[?age_days > '7']", "[?priority < `5`]"])
def test_a_selection_that_compares_a_text_with_a_number(select: str) -> None:
    own = {"title": "Mine", "about": "request", "select": select}
    found = rule({"rules": {"mine": own}}, "mine")
    with pytest.raises(UsageError, match=r"rule mine: select failed .* a string and a number"):
        found.applies_to([{"age_days": 8.5, "priority": "5"}])


def test_what_a_selection_fails_on_is_not_shown() -> None:
    own = {"title": "Mine", "about": "request", "select": "sort_by(@, &data_collection)"}
    with pytest.raises(UsageError) as caught:
        rule({"rules": {"mine": own}}, "mine").applies_to([{"data_collection": ["confidential"]}])
    assert "confidential" not in str(caught.value)
    assert "sort_by() got" in str(caught.value)


def test_a_title_with_a_dollar_sign() -> None:
    own = {**OWN, "title": "Costs over $5", "reason": " "}
    assert rule({"rules": {"mine": own}}, "mine").reason_for({}) == "Costs over $5."

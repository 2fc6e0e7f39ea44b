# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules of a compliance check: those of the collection, changed and extended by a compliance policy. No I/O."""

from __future__ import annotations

import json
import math
import re
import string
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import Thing
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import (
    CERTIFICATE,
    PROFILE,
    REQUEST,
    SMARTCARD,
    Shape,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support import queries
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import clause

# The most severe first.
SEVERITIES = ["critical", "high", "medium", "low", "info"]
KINDS = ["request", "smartcard", "profile", "certificate"]

# In the form of a compliance policy. A reason contains times of the object, never "n days ago", so it does not change
# from one check to the next.
DEFAULT_RULES: dict[str, dict[str, Any]] = {
    "pending-too-long": {
        "title": "Requests that wait too long for an approver",
        "about": "request",
        "severity": "medium",
        "parameters": {"days": 7},
        "select": "[?status == 'Pending' && age_days > $days]",
        "reason": "It has waited for an approver since $submitted; $days days are allowed.",
    },
    "approved-not-executed": {
        "title": "Approved requests that nobody executes",
        "about": "request",
        "severity": "medium",
        "parameters": {"days": 14},
        "select": "[?status == 'Approved' && age_days > $days]",
        "reason": "It is approved but not executed; it was submitted at $submitted, and $days days are allowed.",
    },
    "executing-too-long": {
        "title": "Requests that are being executed for too long",
        "about": "request",
        "severity": "medium",
        "parameters": {"days": 7},
        "select": "[?status == 'Executing' && age_days > $days]",
        "reason": "Its execution has not ended; it was submitted at $submitted, and $days days are allowed.",
    },
    "failed-or-denied": {
        "title": "Requests that failed or were denied recently",
        "about": "request",
        "severity": "low",
        "parameters": {"days": 30, "statuses": ["Failed", "Denied"]},
        "select": "[?contains($statuses, status) && ended_days <= $days]",
        "reason": "It ended as $status.",
    },
    "missing-data-collection": {
        "title": "Open requests that lack data",
        "about": "request",
        "severity": "low",
        "select": "[?open && lacks_data]",
        "reason": "Its data collection is incomplete; whoever executes it must supply the missing items.",
    },
    "enrollment-agent-needed": {
        "title": "Open requests that need an enrolment agent",
        "about": "request",
        "severity": "info",
        "select": "[?open && is_enrollment_agent == `true`]",
        "reason": "Only an enrolment agent can execute it.",
    },
    "certificate-expired": {
        "title": "Certificates that have expired",
        "about": "certificate",
        "severity": "high",
        "select": "[?expired == `true` && is_key_history != `true`]",
        "reason": "It expired at $not_after.",
    },
    "certificate-expires-soon": {
        "title": "Certificates that expire soon",
        "about": "certificate",
        "severity": "medium",
        "parameters": {"days": 30},
        "select": "[?expired == `false` && days_left < $days && is_key_history != `true`]",
        "reason": "It expires at $not_after, within $days days.",
    },
    "certificate-template": {
        "title": "Certificates of an unwanted certificate template",
        "about": "certificate",
        "severity": "medium",
        # Empty lists find nothing: the user must list the unwanted or the allowed templates.
        "parameters": {"unwanted": [], "allowed": []},
        "select": "[?contains($unwanted, template_common_name) || "
        "(length($allowed) > `0` && !contains($allowed, template_common_name))]",
        "reason": "It is of the certificate template $template_common_name.",
    },
    "smartcard-disabled-assigned": {
        "title": "Disabled smart cards that still belong to somebody",
        "about": "smartcard",
        "severity": "medium",
        "select": "[?status == 'Disabled' && assigned_user_uuid]",
        "reason": "It is disabled and still assigned to user $assigned_user_uuid.",
    },
    "smartcard-without-request": {
        "title": "Smart cards in use without a completed request",
        "about": "smartcard",
        "severity": "high",
        "select": '[?!contains(`["New", "Retired"]`, status) && !has_completed_request && !has_open_request]',
        "reason": "No completed request accounts for it, and none is open.",
    },
    "unknown-request-status": {
        "title": "Requests with a status or type that this collection does not know",
        "about": "request",
        "severity": "low",
        "select": "[?!status || !request_type]",
        "reason": "Its status has the number $status_code and its type the number $request_type_code; this collection "
        "does not know one of them.",
    },
    "unknown-smartcard-status": {
        "title": "Smart cards with a status that this collection does not know",
        "about": "smartcard",
        "severity": "low",
        "select": "[?!status]",
        "reason": "Its status has the number $status_code, which this collection does not know.",
    },
    "unknown-profile-status": {
        "title": "Profiles with a status that this collection does not know",
        "about": "profile",
        "severity": "low",
        "select": "[?!status]",
        "reason": "Its status has the number $status_code, which this collection does not know.",
    },
}

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")
# A quoted string or literal in JMESPath, which must not contain a parameter.
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`(?:\\.|[^`\\])*`")
_PARAMETER = re.compile(r"(?<!\$)\$[a-z]")
# The keys that rules may use beside the server's properties.
_BESIDE = {
    "request": ("status_code", "request_type_code", "open", "age_days", "age_hours", "ended_days", "lacks_data"),
    "smartcard": ("status_code", "card_id", "has_completed_request", "has_open_request"),
    "profile": ("status_code",),
    "certificate": ("expired", "days_left", "smartcard_uuid", "profile_uuid"),
}
_SHAPES: dict[str, Shape[Any]] = {
    "request": REQUEST,
    "smartcard": SMARTCARD,
    "profile": PROFILE,
    "certificate": CERTIFICATE,
}
# The keys of a rule, with their types in Python and in words.
_KEYS: dict[str, tuple[type, str]] = {
    "title": (str, "a string"),
    "about": (str, "a string"),
    "severity": (str, "a string"),
    "enabled": (bool, "true or false"),
    "parameters": (dict, "a mapping"),
    "select": (str, "a string"),
    "reason": (str, "a string"),
}


class _Text(string.Template):
    """A text with C($name) for a value, and C($$) for a literal dollar sign."""

    idpattern = r"[a-z][a-z0-9_]*"
    flags = re.RegexFlag(0)


@dataclass(frozen=True)
class Rule:
    """One rule, ready for use."""

    id: str
    title: str
    about: str
    severity: str
    parameters: Mapping[str, Any]
    select: str
    reason: str
    expression: Any

    @property
    def where(self) -> str:
        """Where the rule is in the policy, for messages."""
        return _where(self.id)

    @property
    def asks_for_data(self) -> bool:
        """Whether the rule depends on the data collections of requests, which cost a call for each profile template."""
        return "lacks_data" in self.select

    def applies_to(self, objects: Sequence[Thing]) -> Sequence[Thing]:
        """Return the objects that the rule selects.

        Raises:
            UsageError: The selection returns anything but objects of the list.
        """
        try:
            found = queries.search(self.expression, objects, "select")
        except UsageError as error:
            raise error.replaced(where=self.where) from None
        if found is None:
            return []
        known = {id(item) for item in objects}
        if not isinstance(found, list) or not all(id(item) in known for item in found):
            raise UsageError(
                "select must return whole objects of the list, as [?status == 'Pending'] does", where=self.where
            )
        return found

    def reason_for(self, item: Thing) -> str:
        """Return the sentence that says why the rule selected an object."""
        values = {name: _spoken(value) for name, value in {**item, **self.parameters}.items()}
        return _Text(self.reason).substitute(defaultdict(lambda: _spoken(None), values))


def read_policy(policy: Mapping[str, Any]) -> list[Rule]:
    """Return the enabled rules of a compliance policy, those of the collection first.

    Args:
        policy: The policy. C(rules) has changed and new rules by id; C(defaults) says whether the rules of the
            collection are used.

    Raises:
        UsageError: The policy is invalid; the message names the rule and the key.
    """
    _check_keys(policy, {"rules": (dict, "a mapping"), "defaults": (bool, "true or false")}, "policy")
    defaults = {} if policy.get("defaults") is False else DEFAULT_RULES
    given = policy.get("rules") or {}
    for rule_id in given:
        if not isinstance(rule_id, str) or not _ID.fullmatch(rule_id):
            raise UsageError(
                f"'{rule_id}' is not a valid rule name",
                where="policy",
                remedy="use up to 64 letters, digits, underscores, dots and dashes",
            )
    merged = {rule_id: _merged(rule_id, defaults.get(rule_id), given.get(rule_id)) for rule_id in {**defaults, **given}}
    return [_rule(rule_id, rule) for rule_id, rule in merged.items() if rule["enabled"]]


def _where(rule_id: str) -> str:
    return f"policy: rule {rule_id}"


def _check_keys(found: Any, keys: Mapping[str, tuple[type, str]], where: str) -> None:
    if not isinstance(found, Mapping):
        raise UsageError(f"must be a mapping with the keys {', '.join(keys)}", where=where)
    for name, value in found.items():
        if name not in keys:
            raise UsageError(
                f"the key {name} is not recognised", where=where, remedy=f"the allowed keys are {', '.join(keys)}"
            )
        kind, words = keys[name]
        # A key without a value, which is null in YAML, counts as unset.
        if value is not None and not isinstance(value, kind):
            raise UsageError(f"{name} must be {words}", where=where)


def _merged(rule_id: str, default: Mapping[str, Any] | None, given: Any) -> dict[str, Any]:
    where = _where(rule_id)
    if given is not None:
        _check_keys(given, _KEYS, where)
    own = default or {}
    # A blank value counts as unset.
    changed = {name: value for name, value in (given or {}).items() if str(value or "").strip() or value is False}
    parameters = {**own.get("parameters", {}), **changed.get("parameters", {})}
    rule = {"severity": "medium", "enabled": True, **own, **changed, "parameters": parameters}
    if default is not None:
        _check_parameters(where, own.get("parameters", {}), changed)
    missing = [name for name in ("title", "about", "select") if not rule.get(name)]
    if missing:
        why = "defaults is false" if rule_id in DEFAULT_RULES else "the collection has no rule of that name"
        raise UsageError(f"{' and '.join(missing)} must be set, because {why}", where=where)
    title = clause(str(rule["title"])).replace("$", "$$")
    return {"reason": f"{title}.", **rule}


def _check_parameters(where: str, own: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
    """Refuse parameters that a rule of the collection does not have, unless the policy replaces its select."""
    if "select" in changed:
        return
    if "about" in changed:
        raise UsageError(
            "about cannot be changed without select",
            where=where,
            remedy="set select too, or add a rule under another name",
        )
    for name, value in changed.get("parameters", {}).items():
        if name not in own:
            known = ", ".join(own) or "none"
            raise UsageError(f"the rule has no parameter {name}", where=where, remedy=f"its parameters are: {known}")
        number = isinstance(own[name], int)
        if not (_is_count(value) if number else _is_texts(value)):
            raise UsageError(
                f"parameter {name} must be a {'number of 0 or more' if number else 'list of strings'}", where=where
            )


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _rule(rule_id: str, rule: Mapping[str, Any]) -> Rule:
    where = _where(rule_id)
    for name, choices in (("about", KINDS), ("severity", SEVERITIES)):
        if rule[name] not in choices:
            raise UsageError(f"{name} must be one of {', '.join(choices)}, not '{rule[name]}'", where=where)
    for name in rule["parameters"]:
        if not re.fullmatch(_Text.idpattern, str(name)):
            raise UsageError(
                f"'{name}' is not a valid parameter name",
                where=where,
                remedy="use lower-case letters, digits and underscores",
            )
    _check_reason(where, rule)
    return Rule(
        rule_id,
        rule["title"],
        rule["about"],
        rule["severity"],
        rule["parameters"],
        rule["select"],
        rule["reason"],
        _compiled(where, rule["select"], rule["parameters"], rule["about"]),
    )


def keys_of(about: str) -> list[str]:
    """Return the keys that rules about this kind of object may use."""
    form = _SHAPES[about]
    return [*(key for key, _convert in form.fields.values()), *_BESIDE[about]]


def _check_reason(where: str, rule: Mapping[str, Any]) -> None:
    """Refuse a reason with a wrong $ now, and not only when the rule first selects an object."""
    known = dict.fromkeys([*keys_of(rule["about"]), *rule["parameters"]], "")
    try:
        _Text(rule["reason"]).substitute(known)
    except ValueError:
        raise UsageError(
            "reason contains a $ that is not followed by a name",
            where=where,
            remedy="write $$ for a literal dollar sign",
        ) from None
    except KeyError as error:
        raise UsageError(
            f"reason names ${error.args[0]}, which is neither a parameter nor a key of a {rule['about']}",
            where=where,
            remedy="write $$ for a literal dollar sign",
        ) from None


def _compiled(where: str, select: str, parameters: Mapping[str, Any], about: str) -> Any:
    """Return a selection as a compiled JMESPath expression, with the parameters filled in as literals."""
    if any(_PARAMETER.search(quoted) for quoted in _QUOTED.findall(select)):
        raise UsageError("select has a parameter between quotes", where=where, remedy="remove the quotes")
    literals = {name: f"`{_json(value)}`" for name, value in parameters.items()}
    try:
        expression = queries.compiled(_Text(select).substitute(literals), "select")
    except KeyError as error:
        known = ", ".join(parameters) or "none"
        raise UsageError(f"select names ${error.args[0]}", where=where, remedy=f"its parameters are: {known}") from None
    except ValueError:
        raise UsageError(
            "select contains a $ that is not followed by a name",
            where=where,
            remedy="write $$ for a literal dollar sign",
        ) from None
    except UsageError as error:
        raise error.replaced(where=where) from None
    wrong = queries.unknown_function(expression, [dict.fromkeys(keys_of(about))])
    if wrong:
        raise UsageError(f"select cannot be evaluated: {wrong}", where=where)
    return expression


def _json(value: Any) -> str:
    # Escaped, because a backtick ends a literal. Dates from YAML become strings.
    return json.dumps(value, default=str).replace("`", "\\u0060")


def _spoken(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_spoken, value)) or "none"
    return "unknown" if value is None else str(value)

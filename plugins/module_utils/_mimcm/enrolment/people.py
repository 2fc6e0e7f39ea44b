# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the people of a desired-state file, and list their entitlements. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import ProfileTemplate, Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import NO_GUID, guid, is_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.templates import is_template_id, template_id
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import Wanted, comment_with_key
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import some

Person = Mapping[str, Any]
Pair = tuple[str, str]
"""The ids of a target user and of a profile template."""

_SCOPE = re.compile(r"[A-Za-z0-9._-]{1,16}")
_KEY_MAX = 64
_PRIORITIES = range(256)
_NAMED = 20


@dataclass(frozen=True)
class Entitlement:
    """One person and one profile template that they should have.

    Args:
        name: The person's name in the file.
        target: The user's id.
        template: The profile template's id.
        given: The profile template as it is given in the file, by id or by name.
        generation: The number of the attempt; raising it in the file requests again after a rejection.
        key: The idempotency key of the request.
        remark: The comment in the file.
        comment: The comment of the request, which contains the key.
        data_collection: The values of the data collection items by name.
        priority: The priority, None for the one in the workflow policy.
    """

    name: str
    target: str
    template: str
    given: str
    generation: int
    key: str
    remark: str
    comment: str
    data_collection: Mapping[str, Any]
    priority: int | None

    @property
    def pair(self) -> Pair:
        """The ids of the target and the profile template."""
        return self.target, self.template

    @property
    def label(self) -> str:
        """The name of the entitlement in messages."""
        return f"{self.name} ({self.given})"

    @property
    def wanted(self) -> Wanted:
        """The request that fulfils the entitlement."""
        return Wanted("Enroll", self.template, self.target, key=self.key)


def check_scope(scope: str) -> None:
    """Refuse a scope that cannot be a part of a key.

    Raises:
        UsageError: The scope contains characters that are not allowed, or is too long.
    """
    if not _SCOPE.fullmatch(scope):
        raise UsageError("scope must be 1 to 16 letters, digits or characters of ._- without spaces")


def base_key(scope: str, target: str | None, template: str | None) -> str:
    """Return the key of an entitlement's first request.

    It contains only a part of the template's id, so a request is recognised by key and profile template together.
    """
    return f"{scope}/{target}/{str(template)[:8]}"


def is_of_scope(request: Request, key: str, scope: str) -> bool:
    """Return whether a file with this scope gives a request this key, in any generation."""
    base = base_key(scope, request["target_user_uuid"], request["profile_template_uuid"])
    generation = key[len(base) :]
    return key.startswith(base) and (not generation or (generation[0] == "/" and generation[1:].isdigit()))


def revocation_key(scope: str, request_id: str) -> str:
    """Return the key of the request that revokes the card or profile from another request."""
    return f"{scope}/revoke/{request_id[:8]}"


def check_people(people: Sequence[Person]) -> None:
    """Refuse invalid and duplicate entries of people, with one message for all of them.

    Raises:
        UsageError: An entry is invalid; the message names each such person.
    """
    problems = [f"{_called(person, place)}: {text}" for place, person in enumerate(people) for text in _wrong(person)]
    problems += [f"the name '{name}' is listed {count} times" for name, count in _twice(p["name"] for p in people)]
    targets: dict[str, list[str]] = {}
    for place, person in enumerate(people):
        if _is_user(person["target"]):
            targets.setdefault(guid(person["target"], "target"), []).append(_called(person, place))
    # Two entries with the same name are reported above already.
    problems += [
        f"{' and '.join(names)} have the same target {target}"
        for target, names in targets.items()
        if len(set(names)) > 1
    ]
    _refuse(problems)


def _wrong(person: Person) -> Iterator[str]:
    if not person["name"].strip():
        yield "name is missing"
    # Not required by the argument spec, whose message would not name the person.
    yield from (f"{option} is missing" for option in ("target", "templates") if person[option] is None)
    if person["target"] is not None and not _is_user(person["target"]):
        yield f"target '{person['target']}' is not the objectGUID of a user, like 97cc3493-f556-4c9b-9d8b-982434201527"
    if person["generation"] < 1:
        yield "generation must be 1 or more"
    if person["priority"] is not None and person["priority"] not in _PRIORITIES:
        yield "priority must be from 0, the highest, to 255, the lowest"


def _is_user(target: str | None) -> bool:
    text = (target or "").strip()
    # With the all-zero id, which means "none", the request would be for the account that signs in.
    return is_guid(text) and text.startswith("{") == text.endswith("}") and guid(text, "target") != NO_GUID


def _called(person: Person, place: int) -> str:
    return person["name"].strip() or f"entry {place + 1}"


def _twice(values: Iterable[str]) -> list[tuple[str, int]]:
    return [(value, count) for value, count in Counter(values).items() if count > 1]


def names_templates(people: Iterable[Person]) -> bool:
    """Return whether any profile template is given by name, so the list of templates is needed."""
    return any(not is_template_id(given) for person in people for given in person["templates"])


def template_ids(people: Iterable[Person], templates: Sequence[ProfileTemplate]) -> dict[str, str]:
    """Return the id of each profile template in the file, by the id or name that the file gives.

    Args:
        people: The people.
        templates: The profile templates that the account can read.

    Raises:
        UsageError: No profile template has a name in the file, or several have it.
    """
    users: dict[str, str] = {}
    for person in people:
        for given in person["templates"]:
            users.setdefault(given, person["name"])
    found, problems = {}, []
    for given, name in users.items():
        try:
            found[given] = template_id(given, templates, "templates")
        except UsageError as error:
            problems.append(f"{name}: {error.clause}")
    _refuse(problems)
    return found


def entitlements(people: Iterable[Person], scope: str, ids: Mapping[str, str]) -> list[Entitlement]:
    """Return the entitlements of people, in the order of the file.

    Args:
        people: The people, checked.
        scope: The name of the file.
        ids: The profile templates' ids, by the id or name that the file gives.

    Raises:
        UsageError: A person has a profile template twice, or a comment or a key is too long.
    """
    found: list[Entitlement] = []
    problems: list[str] = []
    for person in people:
        own = [ids[given] for given in person["templates"]]
        names = {template: given for given, template in ids.items() if template in own}
        problems += [
            f"{person['name']}: the profile template '{names[template]}' is listed {count} times"
            for template, count in _twice(own)
        ]
        for given in person["templates"]:
            try:
                found.append(_entitlement(person, given, ids[given], scope))
            except UsageError as error:
                problems.append(f"{person['name']}: {error.clause}")
    _refuse(list(dict.fromkeys(problems)))
    return found


def _entitlement(person: Person, given: str, template: str, scope: str) -> Entitlement:
    target, generation = guid(person["target"], "target"), person["generation"]
    key = base_key(scope, target, template) + (f"/{generation}" if generation > 1 else "")
    if len(key) > _KEY_MAX:
        raise UsageError(f"generation {generation} makes the key too long with scope '{scope}'", remedy="shorten scope")
    remark = person["comment"] or ""
    return Entitlement(
        name=person["name"],
        target=target,
        template=template,
        given=given,
        generation=generation,
        key=key,
        remark=remark,
        comment=comment_with_key(remark, key),
        data_collection=person["data_collection"] or {},
        priority=person["priority"],
    )


def _refuse(problems: Sequence[str]) -> None:
    if problems:
        raise UsageError(some(problems, len(problems), _NAMED, separator="; "), where="people")

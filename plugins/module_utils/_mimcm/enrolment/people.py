# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who is to have what: the people of a desired-state file, checked and taken apart into single wishes. No I/O."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import Item, Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import NO_GUID, guid, is_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.wanted import Wanted, comment_with_key

Person = Mapping[str, Any]
Pair = tuple[str, str]
"""The ids of a target user and of a profile template."""

_SCOPE = re.compile(r"[A-Za-z0-9._-]{1,16}")
_KEY_MAX = 64
_PRIORITIES = range(256)
_NAMED = 20


@dataclass(frozen=True)
class Wish:
    """One person who is to have one profile template.

    Args:
        name: What the file calls the person.
        target: The user's id.
        template: The profile template's id.
        given: The profile template as the file names it.
        generation: How often it was asked for anew.
        key: The idempotency key of its request.
        remark: The comment in the file.
        comment: The comment of the request, which carries the key.
        data_collection: The values of the data collection items by name.
        priority: The priority, None for the policy's.
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
        """Whom it is for, and what."""
        return self.target, self.template

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.name} ({self.given})"

    @property
    def wanted(self) -> Wanted:
        """The request that is wanted."""
        return Wanted("Enroll", self.template, self.target, key=self.key)


def check_scope(scope: str) -> None:
    """Refuse a scope that cannot be a part of a key.

    Raises:
        UsageError: It has other characters than it may have, or is too long.
    """
    if not _SCOPE.fullmatch(scope):
        raise UsageError("scope must be 1 to 16 letters, digits or characters of ._- without blanks")


def base_key(scope: str, target: str | None, template: str | None) -> str:
    """Return the key of a first request. Templates may begin alike: a request is known by its template besides."""
    return f"{scope}/{target}/{str(template)[:8]}"


def is_of_scope(request: Request, key: str, scope: str) -> bool:
    """Whether a key is the one that a file of this scope gives such a request, in any generation."""
    base = base_key(scope, request["target_user_uuid"], request["profile_template_uuid"])
    generation = key[len(base) :]
    return key.startswith(base) and (not generation or (generation[0] == "/" and generation[1:].isdigit()))


def revocation_key(scope: str, request_id: str) -> str:
    """Return the key of the request that revokes what another one brought."""
    return f"{scope}/revoke/{request_id[:8]}"


def check_people(people: Sequence[Person]) -> None:
    """Refuse people that the file describes wrongly or twice, with one message for all of them.

    Raises:
        UsageError: The message names them.
    """
    problems = [f"{_called(person, place)}: {text}" for place, person in enumerate(people) for text in _wrong(person)]
    problems += [f"the name '{name}' stands there {count} times" for name, count in _twice(p["name"] for p in people)]
    targets: dict[str, list[str]] = {}
    for place, person in enumerate(people):
        if _is_user(person["target"]):
            targets.setdefault(guid(person["target"], "target"), []).append(_called(person, place))
    # Somebody who stands there twice under one name was named above.
    problems += [
        f"{' and '.join(names)} have the same target {target}"
        for target, names in targets.items()
        if len(set(names)) > 1
    ]
    _refuse(problems)


def _wrong(person: Person) -> Iterator[str]:
    if not person["name"].strip():
        yield "it has no name"
    # Not by the argument spec, which would not say whose it is.
    yield from (f"{option} is missing" for option in ("target", "templates") if person[option] is None)
    if person["target"] is not None and not _is_user(person["target"]):
        yield f"target '{person['target']}' is not the objectGUID of a user, like 97cc3493-f556-4c9b-9d8b-982434201527"
    if person["generation"] < 1:
        yield "generation must be 1 or more"
    if person["priority"] is not None and person["priority"] not in _PRIORITIES:
        yield "priority must be from 0, the highest, to 255, the lowest"


def _is_user(target: str | None) -> bool:
    text = (target or "").strip()
    # With the id that means "none" the request would be for the account that signs in.
    return is_guid(text) and text.startswith("{") == text.endswith("}") and guid(text, "target") != NO_GUID


def _called(person: Person, place: int) -> str:
    return person["name"].strip() or f"number {place + 1}"


def _twice(values: Iterable[str]) -> list[tuple[str, int]]:
    return [(value, count) for value, count in Counter(values).items() if count > 1]


def names_templates(people: Iterable[Person]) -> bool:
    """Whether a profile template is given by its name."""
    return any(not is_guid(given.strip()) for person in people for given in person["templates"])


def template_ids(people: Iterable[Person], templates: Iterable[Item]) -> dict[str, str]:
    """Return the id of each profile template that people are to have, by what the file calls it.

    Args:
        people: The people.
        templates: The profile templates that the account can read.

    Raises:
        UsageError: There is none of a name, or several.
    """
    by_name: dict[str, list[str]] = {}
    for template in templates:
        by_name.setdefault(str(template["name"]), []).append(template["uuid"])
    users: dict[str, list[str]] = {}
    for person in people:
        for given in person["templates"]:
            users.setdefault(given, []).append(person["name"])
    found, problems = {}, []
    for given, names in users.items():
        ids = [guid(given, "templates")] if is_guid(given.strip()) else by_name.get(given, [])
        if len(ids) == 1:
            found[given] = ids[0]
        elif ids:
            problems.append(f"{len(ids)} profile templates are named '{given}', give one of the ids {', '.join(ids)}")
        else:
            known = ", ".join(f"'{name}'" for name in list(by_name)[:_NAMED]) or "none"
            problems.append(
                f"the account can read no profile template '{given}', which {names[0]} is to have; it can read {known}"
            )
    _refuse(problems)
    return found


def wishes(people: Iterable[Person], scope: str, ids: Mapping[str, str]) -> list[Wish]:
    """Return what each person is to have, in the order of the file.

    Args:
        people: The people, checked.
        scope: Which file it is.
        ids: The profile templates' ids by what the file calls them.

    Raises:
        UsageError: Somebody is to have a profile template twice, or a comment or a key is too long.
    """
    found: list[Wish] = []
    problems: list[str] = []
    for person in people:
        own = [ids[given] for given in person["templates"]]
        names = {template: given for given, template in ids.items() if template in own}
        problems += [f"{person['name']} has '{names[template]}' {count} times" for template, count in _twice(own)]
        for given in person["templates"]:
            try:
                found.append(_wish(person, given, ids[given], scope))
            except UsageError as error:
                problems.append(f"{person['name']}: {error.clause}")
    _refuse(list(dict.fromkeys(problems)))
    return found


def _wish(person: Person, given: str, template: str, scope: str) -> Wish:
    target, generation = guid(person["target"], "target"), person["generation"]
    key = base_key(scope, target, template) + (f"/{generation}" if generation > 1 else "")
    if len(key) > _KEY_MAX:
        raise UsageError(f"generation {generation} leaves no room for a scope as long as '{scope}'")
    remark = person["comment"] or ""
    return Wish(
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
        more = f"; and {len(problems) - _NAMED} more" if len(problems) > _NAMED else ""
        raise UsageError(f"{'; '.join(problems[:_NAMED])}{more}", where="people")

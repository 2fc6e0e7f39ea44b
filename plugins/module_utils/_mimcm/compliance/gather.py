# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a compliance check looks at: each list read once, and of each object what rules cannot work out themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import itemgetter

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import Rule
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import World, certificate_id
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import Forbidden, ServerError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import validity
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    policy_type,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.shapes import Item, Request

# What is looked at beside a rule's own kind.
_NEEDED = {
    "request": ("request",),
    "smartcard": ("smartcard",),
    "profile": ("profile",),
    "certificate": ("certificate", "smartcard", "profile"),
}
_OVER = ("New", "Retired")
# Policies go by the names of creations, not by those that answers have.
_POLICIES = {number: policy_type(name) for name, number in CREATION_TYPES.items() if number is not None}


def kinds_for(rules: Iterable[Rule], certificates: str) -> set[str]:
    """Return the kinds that must be read.

    Args:
        rules: The enabled rules.
        certificates: C(all), or C(own) for those of the account that signs in, which need no cards and profiles.
    """
    about = {rule.about for rule in rules}
    needed = {kind for name in about for kind in (_NEEDED[name] if certificates == "all" else (name,))}
    # Requests are what a report counts in any case.
    return {"request", *needed}


def rules_for(rules: Iterable[Rule], certificates: str) -> dict[str, list[str]]:
    """Return the names of the rules that need each kind, for messages."""
    names: dict[str, list[str]] = {}
    for rule in rules:
        for kind in kinds_for([rule], certificates):
            # Requests are read whatever the rules are.
            if kind != "request":
                names.setdefault(kind, []).append(rule.id)
    return names


def gather(client: Client, kinds: Collection[str], certificates: str, names: Mapping[str, Sequence[str]]) -> World:
    """Read what rules are about, each list once.

    Args:
        client: The API.
        kinds: Which kinds.
        certificates: C(all) or C(own); see L(kinds_for).
        names: The rules that need a kind, for messages.

    Raises:
        MimcmError: Something could not be read; what a check does not see it cannot vouch for.
    """
    readers: dict[str, Callable[[], list[Item]]] = {
        "request": client.list_requests,
        "smartcard": client.list_smartcards,
        "profile": client.list_profiles,
    }
    world: dict[str, list[Item]] = {}
    for kind, read in readers.items():
        if kind in kinds:
            # Each once, should a list show one twice.
            found = {item["uuid"]: item for item in _permitted(read, names.get(kind, ()))}
            world[kind] = list(found.values())
    if "certificate" in kinds:
        world["certificate"] = _permitted(lambda: _certificates(client, world, certificates), names["certificate"])
    return world


def data_check(client: Client) -> Callable[[Request], bool]:
    """Return what tells whether a request lacks data; it asks for the policy of each profile template at most once.

    A request that has no data collection at all is not complete either by the server's word, even where the policy
    collects nothing. Only where the policy cannot be read the server's word is taken for it.
    """
    collected: dict[tuple[str, str], int | None] = {}

    def items_of_policy(template: str, request_type: str) -> int | None:
        if (template, request_type) not in collected:
            try:
                policy = client.get_workflow_policy(template, request_type)
            except (Forbidden, ServerError):
                policy = None
            collected[template, request_type] = None if policy is None else len(policy["policy_data_collection"])
        return collected[template, request_type]

    def lacks(request: Request) -> bool:
        if request["is_data_collection_complete"] is not False:
            return False
        items = [item for item in request["data_collection"] if isinstance(item, Mapping)]
        if any(item.get("value") in (None, "") for item in items):
            return True
        template = request["profile_template_uuid"]
        expected = (
            items_of_policy(template, _POLICIES.get(request["request_type_code"], "Enroll")) if template else None
        )
        return expected is None or expected > len(items)

    return lacks


def _permitted(read: Callable[[], list[Item]], rules: Sequence[str]) -> list[Item]:
    try:
        return read()
    except Forbidden as error:
        if not rules:
            raise
        otherwise = f"without that right, disable the rules {', '.join(rules)} in the policy"
        raise error.replaced(remedy=f"{error.remedy}; {otherwise}") from None


def _certificates(client: Client, world: World, certificates: str) -> list[Item]:
    """Return certificates with the smart card and the profile that they are on, each certificate once."""
    own = client.list_certificates()
    found: dict[str, Item] = {}
    if certificates == "all":
        readers = {"smartcard": client.list_smartcard_certificates, "profile": client.list_profile_certificates}
        for kind, read in readers.items():
            ids = [item["uuid"] for item in world[kind] if item["status"] not in _OVER]
            held = [
                (holder, certificate)
                for holder, listed in sorted(client.each(read, ids), key=itemgetter(0))
                for certificate in listed
            ]
            # Joined at once: the account's own are then looked through once, and not for each card.
            joined = validity.joined((certificate for _holder, certificate in held), own)
            for (holder, _certificate), certificate in zip(held, joined, strict=True):
                key = certificate_id(certificate)
                place = found.setdefault(key, {**certificate, "smartcard_uuid": None, "profile_uuid": None})
                place[f"{kind}_uuid"] = place[f"{kind}_uuid"] or holder
                # What is history on a recovered card is in use where it came from.
                if certificate["is_key_history"] is False:
                    place["is_key_history"] = False
    for certificate in own:
        found.setdefault(certificate_id(certificate), {**certificate, "smartcard_uuid": None, "profile_uuid": None})
    return list(found.values())

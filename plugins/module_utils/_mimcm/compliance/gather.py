# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a compliance check looks at: each list read once, and of each object what rules cannot work out themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import Rule
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import (
    Gathered,
    HeldCertificate,
    certificate_id,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import Forbidden, ServerError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import validity
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    policy_type,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Certificate, Request

_Item = TypeVar("_Item", bound=Mapping[str, Any])

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


def gather(client: Client, kinds: Collection[str], certificates: str, names: Mapping[str, Sequence[str]]) -> Gathered:
    """Read what rules are about, each list once.

    Args:
        client: The API.
        kinds: Which kinds.
        certificates: C(all) or C(own); see L(kinds_for).
        names: The rules that need a kind, for messages.

    Raises:
        MimcmError: Something could not be read: a check cannot vouch for what it does not see.
    """
    gathered: Gathered = {
        "request": _once(client.list_requests, ()),
    }
    if "smartcard" in kinds:
        gathered["smartcard"] = _once(client.list_smartcards, names.get("smartcard", ()))
    if "profile" in kinds:
        gathered["profile"] = _once(client.list_profiles, names.get("profile", ()))
    if "certificate" in kinds:
        gathered["certificate"] = _permitted(
            lambda: _certificates(client, gathered, certificates), names["certificate"]
        )
    return gathered


def data_check(client: Client) -> Callable[[Request], bool]:
    """Return a function that tells whether a request lacks data; the policy of each template is read once.

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
            items_of_policy(template, _POLICIES.get(request["request_type_code"] or 0, "Enroll")) if template else None
        )
        return expected is None or expected > len(items)

    return lacks


def _once(read: Callable[[], list[_Item]], rules: Sequence[str]) -> list[_Item]:
    """Return what a list shows, each thing once, should the list show one twice."""
    return list({item["uuid"]: item for item in _permitted(read, rules)}.values())


def _permitted(read: Callable[[], list[_Item]], rules: Sequence[str]) -> list[_Item]:
    """Return what is read; a refusal names the rules that need it."""
    try:
        return read()
    except Forbidden as error:
        if not rules:
            raise
        otherwise = f"without that right, disable the rules {', '.join(rules)} in the policy"
        raise error.replaced(remedy=f"{error.remedy}; {otherwise}") from None


def _certificates(client: Client, gathered: Gathered, certificates: str) -> list[HeldCertificate]:
    """Return certificates with the smart card and the profile that they are on, each certificate once."""
    own = client.list_certificates()
    found: dict[str, HeldCertificate] = {}
    if certificates == "all":
        cards = [card["uuid"] for card in gathered["smartcard"] if card["status"] not in _OVER]
        for holder, certificate in _held(client, client.list_smartcard_certificates, cards, own):
            place = _place(found, certificate)
            place["smartcard_uuid"] = place["smartcard_uuid"] or holder
        profiles = [profile["uuid"] for profile in gathered["profile"] if profile["status"] not in _OVER]
        for holder, certificate in _held(client, client.list_profile_certificates, profiles, own):
            place = _place(found, certificate)
            place["profile_uuid"] = place["profile_uuid"] or holder
    for certificate in own:
        found.setdefault(certificate_id(certificate), _unheld(certificate))
    return list(found.values())


def _held(
    client: Client, read: Callable[[str], list[Certificate]], ids: Sequence[str], own: Sequence[Certificate]
) -> Iterator[tuple[str, Certificate]]:
    """Yield each certificate with the id of what holds it, in the order of these ids."""
    held = [
        (holder, certificate)
        for holder, listed in sorted(client.each(read, ids), key=itemgetter(0))
        for certificate in listed
    ]
    # Joined at once: the account's own are then looked through once, and not for each card.
    joined = validity.joined((certificate for _holder, certificate in held), own)
    yield from zip((holder for holder, _certificate in held), joined, strict=True)


def _place(found: dict[str, HeldCertificate], certificate: Certificate) -> HeldCertificate:
    """Return the entry of a certificate, made where there is none."""
    place = found.setdefault(certificate_id(certificate), _unheld(certificate))
    # What is history on a recovered card is in use where it came from.
    if certificate["is_key_history"] is False:
        place["is_key_history"] = False
    return place


def _unheld(certificate: Certificate) -> HeldCertificate:
    return {**certificate, "smartcard_uuid": None, "profile_uuid": None}

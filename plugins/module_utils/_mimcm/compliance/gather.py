# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gather the objects of a compliance check: each list is read once. Rules cannot call the API themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.api.client import Client
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.rules import Rule
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance.world import (
    Gathered,
    HeldCertificate,
    UnreadableObject,
    certificate_id,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import (
    Forbidden,
    MimcmError,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model import validity
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.lifecycle import (
    CREATION_TYPES,
    policy_type,
)
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import Certificate, Request
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.request.lookup import alone, each_alone

_Item = TypeVar("_Item", bound=Mapping[str, Any])

# The kinds of objects that must be read for rules about each kind.
_NEEDED = {
    "request": ("request",),
    "smartcard": ("smartcard",),
    "profile": ("profile",),
    "certificate": ("certificate", "smartcard", "profile"),
}
_OVER = ("New", "Retired")
# Workflow policies are named like the request types of creations, not like those in answers.
_POLICIES = {number: policy_type(name) for name, number in CREATION_TYPES.items() if number is not None}


def kinds_for(rules: Iterable[Rule], certificates: str) -> set[str]:
    """Return the kinds of objects that must be read for rules.

    Args:
        rules: The enabled rules.
        certificates: C(all), or C(own) for the account's own, for which no cards and profiles are read.
    """
    about = {rule.about for rule in rules}
    needed = {kind for name in about for kind in (_NEEDED[name] if certificates == "all" else (name,))}
    # Requests are always read, because every report counts them.
    return {"request", *needed}


def rules_for(rules: Iterable[Rule], certificates: str) -> dict[str, list[str]]:
    """Return the names of the rules that need each kind, for messages."""
    names: dict[str, list[str]] = {}
    for rule in rules:
        for kind in kinds_for([rule], certificates):
            # Requests are read for any rules.
            if kind != "request":
                names.setdefault(kind, []).append(rule.id)
    return names


def gather(client: Client, kinds: Collection[str], certificates: str, names: Mapping[str, Sequence[str]]) -> Gathered:
    """Return the objects that rules are about; each list is read once.

    Args:
        client: The API.
        kinds: The kinds of objects to read.
        certificates: C(all) or C(own); see L(kinds_for).
        names: The rules that need a kind, for messages.

    Returns:
        The objects, and those that could not be read: an error about one of them must not hide the others.

    Raises:
        MimcmError: A list could not be read.
    """
    gathered: Gathered = {"request": _once(client.list_requests, ()), "unreadable": []}
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
    """Return a function that tells whether a request lacks data; the workflow policy of each template is read once.

    The server also calls a request incomplete whose policy collects no data. So the policy decides, and the server's
    property only if the policy cannot be read.
    """
    collected: dict[tuple[str, str], int | None] = {}

    def items_of_policy(template: str, request_type: str) -> int | None:
        if (template, request_type) not in collected:
            policy = alone(client.get_workflow_policy, template, request_type)
            if isinstance(policy, MimcmError):
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
    """Return the objects of a list, each once, in case the list has one twice."""
    return list({item["uuid"]: item for item in _permitted(read, rules)}.values())


def _permitted(read: Callable[[], list[_Item]], rules: Sequence[str]) -> list[_Item]:
    """Return the objects of a list; the error of a refusal names the rules that need it."""
    try:
        return read()
    except Forbidden as error:
        if not rules:
            raise
        otherwise = f"or disable the rules {', '.join(rules)} in the policy, which need it"
        raise error.replaced(remedy=f"{error.remedy}, {otherwise}") from None


def _certificates(client: Client, gathered: Gathered, certificates: str) -> list[HeldCertificate]:
    """Return certificates with the smart card and the profile that they are on, each certificate once."""
    own = client.list_certificates()
    found: dict[str, HeldCertificate] = {}
    if certificates == "all":
        cards = [card["uuid"] for card in gathered["smartcard"] if card["status"] not in _OVER]
        for holder, certificate in _held(client, "smartcard", cards, own, gathered["unreadable"]):
            entry = _entry(found, certificate)
            entry["smartcard_uuid"] = entry["smartcard_uuid"] or holder
        profiles = [profile["uuid"] for profile in gathered["profile"] if profile["status"] not in _OVER]
        for holder, certificate in _held(client, "profile", profiles, own, gathered["unreadable"]):
            entry = _entry(found, certificate)
            entry["profile_uuid"] = entry["profile_uuid"] or holder
    for certificate in own:
        found.setdefault(certificate_id(certificate), _unheld(certificate))
    return list(found.values())


def _held(
    client: Client, about: str, ids: Sequence[str], own: Sequence[Certificate], unreadable: list[UnreadableObject]
) -> Iterator[tuple[str, Certificate]]:
    """Yield each certificate with the id of the card or profile that it is on, in the order of these ids."""
    read = client.list_smartcard_certificates if about == "smartcard" else client.list_profile_certificates
    answers = sorted(each_alone(client, read, ids).items(), key=itemgetter(0))
    held = []
    for holder, listed in answers:
        if isinstance(listed, MimcmError):
            unreadable.append({"about": about, "object": holder, "reason": str(listed)})
        else:
            held += [(holder, certificate) for certificate in listed]
    # Joined all together, so the account's own certificates are indexed once, and not for each card.
    joined = validity.joined((certificate for _holder, certificate in held), own)
    yield from zip((holder for holder, _certificate in held), joined, strict=True)


def _entry(found: dict[str, HeldCertificate], certificate: Certificate) -> HeldCertificate:
    """Return the entry of a certificate, which is added if it does not exist."""
    entry = found.setdefault(certificate_id(certificate), _unheld(certificate))
    # A certificate that is key history on a recovered card is still in use on the card where it came from.
    if certificate["is_key_history"] is False:
        entry["is_key_history"] = False
    return entry


def _unheld(certificate: Certificate) -> HeldCertificate:
    return {**certificate, "smartcard_uuid": None, "profile_uuid": None}

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profile templates: their policies, and what the API shows of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .values import NO_GUID

# The types that a policy URL takes, and the type of a create body that each belongs to.
POLICIES = {
    "Enroll": "Enroll",
    "Duplicate": "Duplicate",
    "OfflineUnblock": "OfflineUnblock",
    "OnlineUpdate": "OnlineUpdate",
    "Renew": "Renew",
    "Recover": "Recover",
    "RecoverOnBehalf": "RecoverOnBehalf",
    "Reinstate": "Reinstate",
    "Retire": "Retire",
    "Revoke": "Revoke",
    "TemporaryEnroll": "TemporaryCards",
    "Unblock": "Unblock",
}

# The admin key that Microsoft's virtual smart cards are documented with; a template may have another one.
DEFAULT_ADMIN_KEY = "0102030405060708" * 3

# The rights in it are not documented for policies either; this is everybody, in the form of the other descriptors.
_ANYBODY = "D:(A;;CC;;;WD)"


@dataclass(frozen=True)
class DataItem:
    name: str
    required: bool = True
    default: str | None = None


@dataclass(frozen=True)
class Policy:
    enabled: bool = True
    approvals_needed: int = 1
    collect_comments: bool = True
    collect_priority: bool = True
    enrollment_agent: bool = False
    data_collection: tuple[DataItem, ...] = ()
    # The reference calls the property PolicyDataCollection in its page, and DataCollection in its walkthrough.
    short_name: bool = False


@dataclass(frozen=True)
class SmartcardConfiguration:
    admin_key: str = DEFAULT_ADMIN_KEY
    diversify: bool = True


@dataclass(frozen=True)
class Template:
    id: str
    name: str
    description: str = ""
    smartcard: bool = True
    virtual: bool = False
    certificate_template: str = "ContosoSmartcardLogon"
    key_size: int = 2048
    subject: str = ""
    # The PIN that the server proposes for the cards of this template; None leaves it to the user.
    pin: str | None = None
    certificates: int = 1
    server_generated: bool = False
    forbidden: bool = False
    # By type of policy; a type that is left out has the defaults.
    policies: dict[str, Policy] = field(default_factory=dict)
    smartcard_configuration: SmartcardConfiguration = SmartcardConfiguration()
    # The documented requests name templates that the documented list does not show.
    listed: bool = True


# The template that is used in place of one that the world does not have.
NO_TEMPLATE = Template(NO_GUID, "")


def policy_of(template: Template, name: str) -> Policy:
    return template.policies.get(name, Policy())


def policy_for(template: Template, request_type: str) -> Policy:
    """The policy that rules a type of a create body."""
    return policy_of(template, next(policy for policy, name in POLICIES.items() if name == request_type))


def template_document(template: Template) -> dict[str, Any]:
    """A profile template in the order of the documented properties."""
    return {
        "Name": template.name,
        "Description": template.description,
        "Uuid": template.id,
        "IsSmartcardProfileTemplate": template.smartcard,
        "IsVirtualSmartcardProfileTemplate": template.virtual,
    }


def policy_document(policy: Policy) -> dict[str, Any]:
    """The documented property names. Their types are not documented, nor is the form of data collection items."""
    return {
        "ApprovalsNeeded": policy.approvals_needed,
        "AuthorizedApprover": _ANYBODY,
        "AuthorizedEnrollmentAgent": _ANYBODY,
        "AuthorizedInitiator": _ANYBODY,
        "CollectComments": policy.collect_comments,
        "CollectRequestPriority": policy.collect_priority,
        "DefaultRequestPriority": 0,
        "Documents": [],
        "Enabled": policy.enabled,
        "EnrollAgentRequired": policy.enrollment_agent,
        "OneTimePasswordPolicy": None,
        "Personalization": None,
        "DataCollection" if policy.short_name else "PolicyDataCollection": [
            _item(item) for item in policy.data_collection
        ],
        "SelfServiceEnabled": True,
    }


def _item(item: DataItem) -> dict[str, Any]:
    # Inferred: the documentation names the property PolicyDataCollection and shows no item of it.
    return {
        "Name": item.name,
        "Description": "",
        "Required": item.required,
        "DefaultValue": item.default,
        "Type": 0,
    }


def configuration_document(template: Template) -> dict[str, Any]:
    """Three names are documented for this operation; the others are those of the same product's SmartcardConfig."""
    return {
        "AllowSmartcardReuse": True,
        "CertificateLabel": "",
        "DefaultAdminKeyHex": template.smartcard_configuration.admin_key,
        "DiversifyAdminKey": template.smartcard_configuration.diversify,
        "DoNotInstallCaCertificates": False,
        "EraseOnOverflow": False,
        # Inferred: 0 leaves the PIN to the user, 1 is a PIN that the server proposes.
        "UserPinOption": 0 if template.pin is None else 1,
    }

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The types of the objects that users see, key by key, so the type checker finds misspelt keys. No I/O.

A server may add properties to those that are listed here; they are passed on. C(Any) marks values of the server that
the collection does not interpret.
"""

from __future__ import annotations

from typing import Any, TypedDict


class Request(TypedDict):
    """A request; its keys are documented in the return values of mimcm_request_info."""

    uuid: str
    request_type: str | None
    request_type_code: int | None
    status: str | None
    status_code: int | None
    flags: Any
    data_collection: list[Any]
    data_collection_flags: Any
    originator_user_uuid: str | None
    target_user_uuid: str | None
    submitted: str | None
    completed: str | None
    new_profile_uuid: str | None
    old_profile_uuid: str | None
    new_smartcard_uuid: str | None
    old_smartcard_uuid: str | None
    priority: Any
    comment: Any
    profile_template_uuid: str | None
    security_descriptor: Any
    is_smartcard: Any
    is_enrollment_agent: Any
    is_data_collection_complete: Any


class Smartcard(TypedDict):
    """A smart card."""

    uuid: str
    status: str | None
    status_code: int | None
    flags: Any
    parent_smartcard_uuid: str | None
    primary_smartcard_uuid: str | None
    permanent_smartcard_uuid: str | None
    assigned_user_uuid: str | None
    profile_template_uuid: str | None
    profile_template_version: Any
    comment: Any
    serial_number: Any
    middleware: Any
    atr: Any
    card_id: str | None


class Profile(TypedDict):
    """A profile."""

    uuid: str
    status: str | None
    status_code: int | None
    flags: Any
    parent_profile_uuid: str | None
    primary_profile_uuid: str | None
    assigned_user_uuid: str | None
    profile_template_uuid: str | None
    profile_template_version: Any
    comment: Any
    profile_operations: list[Any]


class ProfileTemplate(TypedDict):
    """A profile template."""

    uuid: str
    name: Any
    description: Any
    is_smartcard_profile_template: Any
    is_virtual_smartcard_profile_template: Any


class WorkflowPolicy(TypedDict):
    """The policy of one workflow of a profile template."""

    enabled: Any
    approvals_needed: Any
    authorized_approver: Any
    authorized_enrollment_agent: Any
    authorized_initiator: Any
    collect_comments: Any
    collect_request_priority: Any
    default_request_priority: Any
    documents: list[Any]
    enroll_agent_required: Any
    one_time_password_policy: Any
    personalization: Any
    policy_data_collection: list[Any]
    data_collection: list[Any]
    self_service_enabled: Any


class SmartcardConfiguration(TypedDict):
    """The smart card configuration of a profile template. The admin key is a secret."""

    default_admin_key_hex: Any
    diversify_admin_key: Any
    user_pin_option: Any


class Certificate(TypedDict):
    """A certificate; only those of the account that signs in have an issuer, a requester, a validity and a status."""

    thumbprint: Any
    serial_number: Any
    template_common_name: Any
    issuer: Any
    requester_name: Any
    not_before: str | None
    not_after: str | None
    status: Any
    certificate_type: Any
    is_key_history: Any
    archived_on_ca: Any


class CertificateWithExpiry(Certificate):
    """A certificate, whether it has expired, and how many days are left."""

    expired: bool | None
    days_left: int | None


class GenerationOptions(TypedDict):
    """How to generate the key and the certificate request of one certificate."""

    subject: Any
    key_algorithm_name: Any
    key_size: Any
    hash_algorithm_name: Any
    key_usages: Any
    exportable: Any
    key_protection_level: Any
    key_storage_provider_names: list[Any]
    friendly_name: Any


class IssuedCertificate(TypedDict):
    """One answer to submitted certificate requests. The PFX is a secret."""

    certificate_id: Any
    template_common_name: Any
    error: Any
    flags: Any
    is_external: Any
    is_key_history: Any
    is_pfx: Any
    is_pkcs7: Any
    is_server_generated: Any
    pfx: Any
    pkcs7: Any
    use_local_machine_store: Any

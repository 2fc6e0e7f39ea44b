# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documented operations, numbered as in the reference: path, words for messages, and the permission they need."""

from __future__ import annotations

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.transport.messages import Operation

_READ_TEMPLATES = "Read on the profile template"
_READ_REQUEST = "the read right on the request"
_EXECUTE = "Execute on the request, as its target user or as an enrolment agent of the policy"
_READ_CARD = "the read right on the smart card's user"
_READ_PROFILE = "the read right on the profile's user"
_SENSITIVE = (
    f"{_EXECUTE}, and perhaps membership in the group that Clm.ProvisionApi.SensitiveApiGroup names in the server's "
    "Web.config"
)

# 1
LIST_PROFILE_TEMPLATES = Operation("GET", "/profiletemplates", "listing profile templates", _READ_TEMPLATES)
# 2
GET_PROFILE_TEMPLATE = Operation(
    "GET", "/profiletemplates/{template_id}", "reading profile template {template_id}", _READ_TEMPLATES, item=True
)
# 3
GET_POLICY = Operation(
    "GET",
    "/profiletemplates/{template_id}/policies/{policy_type}",
    "reading the {policy_type} policy of profile template {template_id}",
    _READ_TEMPLATES,
    item=True,
)
# The table on the reference page has this path; its examples and the list of controllers have the one above.
GET_POLICY_BY_TABLE = Operation(
    "GET",
    "/profiletemplates/{template_id}/policy/workflow/{policy_type}",
    GET_POLICY.doing,
    _READ_TEMPLATES,
    item=True,
)
# 4
GET_SMARTCARD_CONFIGURATION = Operation(
    "GET",
    "/profiletemplates/{template_id}/configuration/smartcards",
    "reading the smart card configuration of profile template {template_id}",
    _READ_TEMPLATES,
    item=True,
    secret=True,
)
# 5
CREATE_REQUEST = Operation(
    "POST",
    "/requests",
    "creating a request",
    "the right to initiate it on the service connection point and on its target user, Read on the profile template, "
    "and to be an initiator in its policy",
)
# 6
LIST_REQUESTS = Operation(
    "GET", "/requests", "listing requests", "Read on the profile templates and the read right on the requests"
)
SHORT_LIST = {"status": "None"}
"""The query for a list that is short, because hardly any request has this status: to see whether the API answers."""
# 7
GET_REQUEST = Operation("GET", "/requests/{request_id}", "reading request {request_id}", _READ_REQUEST, item=True)
# 8
UPDATE_REQUEST = Operation(
    "PUT", "/requests/{request_id}", "changing the status of request {request_id}", _EXECUTE, item=True
)
# 9
LIST_GENERATION_OPTIONS = Operation(
    "GET",
    "/requests/{request_id}/certificaterequestgenerationoptions",
    "reading the certificate request generation options of request {request_id}",
    _EXECUTE,
    item=True,
)
# 10
SUBMIT_CERTIFICATE_REQUESTS = Operation(
    "POST",
    "/requests/{request_id}/certificatedata",
    "submitting certificate requests for request {request_id}",
    _EXECUTE,
    item=True,
    secret=True,
)
# 11
LIST_REQUEST_PROFILES = Operation(
    "GET", "/requests/{request_id}/profiles", "listing the profiles of request {request_id}", _READ_REQUEST, item=True
)
# 12
ASSIGN_SMARTCARD = Operation("POST", "/smartcards", "assigning a smart card to a request", _EXECUTE)
# 13
LIST_SMARTCARDS = Operation("GET", "/smartcards", "listing smart cards", _READ_CARD)
# 14
GET_SMARTCARD = Operation(
    "GET", "/smartcards/{smartcard_id}", "reading smart card {smartcard_id}", _READ_CARD, item=True
)
# 15
GET_PIN = Operation(
    "GET",
    "/smartcards/{smartcard_id}/serverproposedpin",
    "reading the proposed PIN of smart card {smartcard_id}",
    _SENSITIVE,
    item=True,
    secret=True,
)
# The reference names this route only in a list of controllers; its page documents the one above.
GET_PIN_OF_REQUEST = Operation(
    "GET",
    "/requests/{request_id}" + GET_PIN.path,
    GET_PIN.doing + " for request {request_id}",
    _SENSITIVE,
    item=True,
    secret=True,
)
# 16
GET_AUTHENTICATION_RESPONSE = Operation(
    "GET",
    "/requests/{request_id}/smartcards/{smartcard_id}/authenticationresponse",
    "reading the authentication response for smart card {smartcard_id}",
    _SENSITIVE,
    item=True,
    secret=True,
)
# 17
GET_DIVERSIFIED_KEY = Operation(
    "GET",
    "/requests/{request_id}/smartcards/{smartcard_id}/diversifiedkey",
    "reading the diversified admin key of smart card {smartcard_id}",
    _SENSITIVE,
    item=True,
    secret=True,
)
# 18
UPDATE_SMARTCARD = Operation(
    "PUT",
    "/requests/{request_id}/smartcards/{smartcard_id}",
    "changing the status of smart card {smartcard_id}",
    _EXECUTE,
    item=True,
)
# 19
LIST_SMARTCARD_OPERATIONS = Operation(
    "GET",
    "/smartcards/{smartcard_id}/operations",
    "listing the operations of smart card {smartcard_id}",
    _READ_CARD,
    item=True,
)
LIST_PROFILE_OPERATIONS = Operation(
    "GET",
    "/profiles/{profile_id}/operations",
    "listing the operations of profile {profile_id}",
    _READ_PROFILE,
    item=True,
)
# 20
LIST_PROFILES = Operation("GET", "/profiles", "listing profiles", _READ_PROFILE)
GET_PROFILE = Operation("GET", "/profiles/{profile_id}", "reading profile {profile_id}", _READ_PROFILE, item=True)
# 21
LIST_SMARTCARD_CERTIFICATES = Operation(
    "GET",
    "/smartcards/{smartcard_id}/certificates",
    "listing the certificates of smart card {smartcard_id}",
    _READ_CARD,
    item=True,
)
LIST_PROFILE_CERTIFICATES = Operation(
    "GET",
    "/profiles/{profile_id}/certificates",
    "listing the certificates of profile {profile_id}",
    _READ_PROFILE,
    item=True,
)
# 22
LIST_CERTIFICATES = Operation(
    "GET", "/certificates", "listing the account's certificates", "no permission beyond signing in"
)

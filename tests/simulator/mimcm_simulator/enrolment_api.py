# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations 9 and 10: what certificate requests to make, and the certificates for them."""

from __future__ import annotations

from typing import Any

from . import authority, replies
from .authority import CertificateRequestError, Issued, Order, lines
from .call import Call, Refused, example, json_body, unknown
from .execution import OPEN, begin, issues
from .replies import Reply
from .requests_api import readable
from .templates import Template
from .values import NO_GUID
from .world import Certificate, Request, certificate_document, template_of

PROVIDER = "Contoso Smart Card Key Storage Provider"
SOFTWARE_PROVIDER = "Microsoft Software Key Storage Provider"

# As in the documented answer.
_FLAGS = 65536


def generation_options(call: Call) -> Reply:
    """One for each certificate whose key the client makes."""
    request = readable(call, call.ids["id"])
    if request is None:
        return example(call) or unknown(call, "request", call.ids["id"])
    if request.status not in OPEN or not issues(request):
        return replies.nothing()
    template = template_of(call.world, request.document)
    count = 0 if template.server_generated else template.certificates
    options = [_options(request, template) for _dummy in range(count)]
    documented = example(call) if request.when_completed else None
    return documented or replies.found(options)


def _options(request: Request, template: Template) -> dict[str, Any]:
    smartcard = request.document["IsSmartcard"]
    return {
        "Subject": template.subject,
        "KeyAlgorithmName": "RSA",
        "KeySize": template.key_size,
        "FriendlyName": "",
        "HashAlgorithmName": "SHA256",
        "KeyStorageProviderNames": [PROVIDER if smartcard else SOFTWARE_PROVIDER],
        "Exportable": 0,
        "KeyProtectionLevel": 0,
        "KeyUsages": 3,
    }


def submit(call: Call) -> Reply:
    body = json_body(call)
    request = readable(call, call.ids["id"])
    if request is None:
        return example(call) or unknown(call, "request", call.ids["id"])
    texts, password = _certificate_requests(body), _password(body)
    template = template_of(call.world, request.document)
    if not texts and not template.server_generated:
        return replies.invalid_field("certificaterequests", "There is no certificate request.")
    if not password and template.server_generated:
        return replies.invalid_field("pfxpassword", "The password of the PFX file is empty.")
    if not _ready(request):
        return replies.failed()
    begin(call.world, request, call.now)
    answers = [_signed(call, request, template, text) for text in texts]
    if template.server_generated:
        answers += [_generated(call, request, template, password) for _dummy in range(template.certificates)]
    return replies.ok([{**answer, "CertificateId": number} for number, answer in enumerate(answers)])


def _certificate_requests(body: dict[str, Any]) -> list[str]:
    value = body.get("certificaterequests")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Refused(
            replies.invalid_field("certificaterequests", "The certificate requests are not a list of strings.")
        )
    return value


def _password(body: dict[str, Any]) -> str:
    value = body.get("pfxpassword")
    if value is not None and not isinstance(value, str):
        raise Refused(replies.invalid_field("pfxpassword", "The password is not a string."))
    return value or ""


def _ready(request: Request) -> bool:
    """Certificates for a card need the card first."""
    has_place = not request.document["IsSmartcard"] or request.document["NewSmartcardUuid"] != NO_GUID
    return request.status in OPEN and issues(request) and has_place


def _order(call: Call, request: Request, template: Template) -> Order:
    return Order(
        user=str(request.document["TargetUserUuid"]),
        days=call.world.certificate_days,
        now=call.now,
        key_size=template.key_size,
        subject=template.subject,
        smartcard=bool(request.document["IsSmartcard"]),
    )


def _signed(call: Call, request: Request, template: Template, text: str) -> dict[str, Any]:
    try:
        issued = call.authority.sign(text, _order(call, request, template))
    except CertificateRequestError as problem:
        return _answer(template, Error=str(problem))
    _record(call, request, template, issued)
    return _answer(template, Pkcs7=lines(call.authority.chain(issued)), isPkcs7=True)


def _generated(call: Call, request: Request, template: Template, password: str) -> dict[str, Any]:
    issued, file = call.authority.generate(_order(call, request, template), password)
    _record(call, request, template, issued)
    return _answer(template, Pfx=lines(file), isPfx=True, isServerGenerated=True)


def _answer(template: Template, **values: Any) -> dict[str, Any]:
    """A Certificate in the order of the documented properties."""
    document: dict[str, Any] = {
        "TemplateCommonName": template.certificate_template,
        "CertificateId": 0,
        "Flags": _FLAGS,
        "UseLocalMachineStore": False,
        "Error": None,
        "Pkcs7": None,
        "Pfx": None,
        "IsExternal": False,
        "isServerGenerated": False,
        "isPfx": False,
        "isPkcs7": False,
        "isKeyHistory": False,
    }
    return {**document, **values}


def _record(call: Call, request: Request, template: Template, issued: Issued) -> None:
    user = request.document["TargetUserUuid"]
    document = certificate_document(
        TemplateCommonName=template.certificate_template,
        SerialNumber=issued.serial,
        Thumbprint=issued.thumbprint,
        NotAfter=issued.not_after,
        NotBefore=issued.not_before,
        Issuer=authority.ISSUER,
        RequesterName=rf"CORP\{user}",
    )
    call.world.certificates.append(
        Certificate(
            document,
            request.document["NewSmartcardUuid"],
            request.document["NewProfileUuid"],
            mine=user == call.world.caller,
        )
    )

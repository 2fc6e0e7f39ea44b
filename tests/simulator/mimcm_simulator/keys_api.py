# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations 16 and 17: the answer to a card's challenge, and its diversified admin key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from . import replies
from .call import Call, Refused, example, unknown
from .cards_api import belongs
from .execution import OPEN, begin
from .replies import Reply
from .requests_api import readable
from .values import guid
from .world import Card, template_of

# Nobody's secret: it makes the keys of made-up cards.
MASTER_KEY = b"MIM CM reference server"
_BLOCK = 8
_KEY_LENGTH = 24


def diversified(card_id: str) -> bytes:
    """A key for two or three key triple DES, always the same for a card, with odd parity like the documented one."""
    digest = hmac.new(MASTER_KEY, card_id.encode(), hashlib.sha256).digest()[:_KEY_LENGTH]
    return bytes((octet & 0xFE) | (bin(octet >> 1).count("1") + 1) % 2 for octet in digest)


def encrypted(key: bytes, challenge: bytes) -> bytes:
    """3DES in ECB mode: what a card with the Base CSP's minidriver expects of its administrator."""
    from cryptography.hazmat.primitives.ciphers import Cipher, modes

    try:
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    except ImportError:
        # Until version 43 it was among the others.
        from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES
    encryptor = Cipher(TripleDES(key), modes.ECB()).encryptor()
    return encryptor.update(challenge) + encryptor.finalize()


def diversified_key(call: Call) -> Reply:
    documented = _documented(call)
    if documented:
        return documented
    return replies.ok(base64.b64encode(diversified(_card_at_work(call).card_id)).decode())


def authentication_response(call: Call) -> Reply:
    documented = _documented(call)
    if documented:
        return documented
    challenge, by_diversified = _challenge(call), _boolean(call, "diversified")
    card = _card_at_work(call)
    configuration = template_of(call.world, card.document).smartcard_configuration
    key = diversified(card.card_id) if by_diversified else bytes.fromhex(configuration.admin_key)
    return replies.ok(base64.b64encode(encrypted(key, challenge)).decode())


def _documented(call: Call) -> Reply | None:
    """The documented example, unless the world has another card in the place of the documented one."""
    card = call.world.cards.get(call.ids["id"])
    if card is not None and card.card_id != guid(call.query.get("cardid")):
        return None
    return example(call)


def _challenge(call: Call) -> bytes:
    """A plus sign that was not URL-encoded is a space by now, and not valid."""
    try:
        challenge = base64.b64decode(call.query.get("challenge", ""), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(replies.invalid("The value of challenge is not valid base64.")) from None
    if not challenge or len(challenge) % _BLOCK:
        raise Refused(replies.invalid(f"The length of challenge is not a multiple of {_BLOCK} octets."))
    return challenge


def _boolean(call: Call, name: str) -> bool:
    value = call.query.get(name, "false").lower()
    if value not in ("true", "false"):
        raise Refused(replies.invalid(f"The value '{value}' is not valid for {name}."))
    return value == "true"


def _card_at_work(call: Call) -> Card:
    """The card, if its request is at work and the caller has named the right one."""
    card_id = guid(call.query.get("cardid"))
    if card_id is None:
        raise Refused(replies.invalid("The value of cardid is not a GUID."))
    request = readable(call, call.ids["rid"])
    if request is None:
        raise Refused(unknown(call, "request", call.ids["rid"]))
    card = call.world.cards.get(call.ids["id"])
    if card is None:
        raise Refused(unknown(call, "smart card", call.ids["id"]))
    if card.key_forbidden:
        raise Refused(replies.forbidden())
    if request.status not in OPEN or not belongs(request, call.ids["id"]) or card.card_id != card_id:
        raise Refused(replies.failed())
    # Inferred: the first secret that is handed out begins the work, also of an Unblock, which binds no card.
    begin(call.world, request, call.now)
    return card

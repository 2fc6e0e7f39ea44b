# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations 1 to 4: profile templates, their policies and their smart card configuration."""

from __future__ import annotations

from . import replies
from .call import Call, Refused, unknown
from .replies import Reply
from .templates import POLICIES, Template, configuration_document, policy_document, policy_of, template_document


def list_templates(call: Call) -> Reply:
    user = call.query.get("targetuser", "current")
    if user.lower() != "current":
        return replies.invalid(f"The value '{user}' is not valid for targetuser.")
    return replies.found([template_document(item) for item in call.world.templates.values() if item.listed])


def get_template(call: Call) -> Reply:
    return replies.ok(template_document(_template(call)))


def get_policy(call: Call) -> Reply:
    name = next((name for name in POLICIES if name.lower() == call.ids["type"]), None)
    if name is None:
        return replies.invalid(f"The value '{call.ids['type']}' is not valid for type.")
    return replies.ok(policy_document(policy_of(_permitted(call), name)))


def get_configuration(call: Call) -> Reply:
    template = _permitted(call)
    return replies.ok(configuration_document(template)) if template.smartcard else replies.nothing()


def _template(call: Call) -> Template:
    template = call.world.templates.get(call.ids["id"])
    if template is None:
        raise Refused(unknown(call, "profile template", call.ids["id"]))
    return template


def _permitted(call: Call) -> Template:
    template = _template(call)
    if template.forbidden:
        raise Refused(replies.forbidden())
    return template

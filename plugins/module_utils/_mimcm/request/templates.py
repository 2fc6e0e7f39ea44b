# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the id of a profile template that is given by id or by name. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.errors import UsageError
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.types import ProfileTemplate
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.model.values import guid, is_guid
from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.text import quoted, some

_NAMED = 10


def is_template_id(text: str) -> bool:
    """Return whether a profile template is given by id, and not by name."""
    return is_guid(text.strip())


def template_id(text: str, templates: Sequence[ProfileTemplate], option: str) -> str:
    """Return the id of a profile template that is given by id or by name.

    Args:
        text: The id or the name.
        templates: The profile templates that the account can read.
        option: The option's name, for messages.

    Raises:
        UsageError: No profile template has the name, or several have it.
    """
    if is_template_id(text):
        return guid(text, option)
    found = [template["uuid"] for template in templates if template["name"] == text]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} profile templates are named '{text}'",
            where=option,
            remedy=f"give one of the ids {', '.join(found)}",
        )
    names = some((quoted([str(template["name"])]) for template in templates), len(templates), _NAMED)
    raise UsageError(
        f"the account can read no profile template '{text}'", where=option, remedy=f"it can read {names or 'none'}"
    )

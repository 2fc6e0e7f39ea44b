# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a text can be the name of a file, as a Jinja test."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mimcm_file_name
short_description: Tell whether a text can be the name of a file in a folder
version_added: 0.2.0
description:
  - Tells whether a file of this name is in the folder in front of it and nowhere else. Use it before a path is composed
    of a text that comes from elsewhere, such as the name of a host or of a person.
  - It is false for a text that is empty, begins with a dot, is longer than 200 bytes, or holds a slash, a dollar sign
    (options of the type path expand variables), or a character that cannot be printed.
options:
  _input:
    description:
      - The text, without the folder. An extension may follow it.
    type: str
    required: true
author:
  - CertOps contributors (@certops)
"""

EXAMPLES = r"""
- name: Refuse a host whose name leads out of the folder
  ansible.builtin.fail:
    msg: "{{ inventory_hostname | to_json }} cannot be the name of a file; rename the host."
  when: inventory_hostname is not certops.mimcm.mimcm_file_name
"""

RETURN = r"""
_value:
  description: Whether the text can be the name of a file.
  type: bool
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.support.files import is_file_name


class TestModule:
    """The collection's tests."""

    def tests(self) -> dict[str, Callable[[Any], bool]]:
        """Return the tests by name."""
        return {"mimcm_file_name": lambda text: is_file_name(str(text))}

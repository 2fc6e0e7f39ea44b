# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A module that returns what a file holds, in the place of mimcm_compliance."""

from __future__ import annotations

import json
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    module = AnsibleModule({"path": {"type": "path", "required": True}}, supports_check_mode=True)
    module.exit_json(**json.loads(Path(module.params["path"]).read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()

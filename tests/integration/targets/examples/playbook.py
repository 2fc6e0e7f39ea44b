# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a playbook of the examples in what ansible-doc says, with the test servers' addresses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import yaml

SERVERS = {"https://cm.contoso.com": "mimcm_test_url", "https://adfs.contoso.com": "mimcm_test_adfs_url"}


def main() -> None:
    settings = yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))
    (documented,) = json.load(sys.stdin).values()
    tasks = documented["examples"]
    for name, setting in {
        "https://cm.contoso.com": "mimcm_test_url",
        "https://adfs.contoso.com": "mimcm_test_adfs_url",
    }.items():
        tasks = tasks.replace(name, settings[setting])
    play = {"name": "Examples", "hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(tasks)}
    yaml.safe_dump([play], sys.stdout, sort_keys=False)


if __name__ == "__main__":
    main()

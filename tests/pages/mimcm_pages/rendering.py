# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages by the role itself: its task and its templates write what a made-up result says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PAGES = Path(__file__).resolve().parents[1]

PLAY = """---
- name: Write pages
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
"""
ONE = """
    - name: Return the result {world}
      returned:
        path: "{{{{ folder }}}}/{world}.json"
      register: compliance_report_result

    - name: Write the page {world}
      ansible.builtin.include_role:
        name: certops.mimcm.compliance_report
        tasks_from: page.yml
      vars:
        compliance_report_folder: "{{{{ folder }}}}"
        compliance_report_html: {world}.html
"""


def render(folder: Path, results: Mapping[str, Mapping[str, Any]]) -> None:
    """Write NAME.html for each result."""
    for name, result in results.items():
        (folder / f"{name}.json").write_text(json.dumps(result), encoding="utf-8")
    play(folder, PLAY + "".join(ONE.format(world=name) for name in results))


def play(folder: Path, text: str, *options: str, failing: bool = False) -> str:
    """Run a playbook, with nothing of the user's environment; return what it printed."""
    (folder / "play.yml").write_text(text, encoding="utf-8")
    foreign = re.compile(r"ANSIBLE_(?!COLLECTIONS_PATH)|MIMCM_|.*_proxy$", re.IGNORECASE)
    environment = {name: value for name, value in os.environ.items() if not foreign.match(name)}
    environment |= {"ANSIBLE_LIBRARY": str(PAGES / "library"), "ANSIBLE_LOCALHOST_WARNING": "false"}
    environment |= {"ANSIBLE_NOCOLOR": "true", "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false"}
    variables = json.dumps({"folder": str(folder), "ansible_python_interpreter": sys.executable})
    command = [sys.executable, "-m", "ansible", "playbook", "-e", variables, *options, str(folder / "play.yml")]
    run = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    printed = run.stdout + run.stderr
    assert (run.returncode != 0) == failing, printed[-4000:]
    return printed

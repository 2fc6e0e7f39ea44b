# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball of the collection: build, install, import as Galaxy does, and use."""

from __future__ import annotations

import re

from copies import Copy


def check(copy: Copy) -> None:
    output = copy.root / "output"
    copy.run("ansible-galaxy", "collection", "build", "--output-path", str(output))
    (tarball,) = map(str, output.glob("*.tar.gz"))
    installed = str(output / "installed")

    def run(*command: str, silent: bool = False) -> str:
        return str(copy.run(*command, folder=output, env={"ANSIBLE_COLLECTIONS_PATH": installed}, silent=silent))

    run("ansible-galaxy", "collection", "install", tarball, "-p", installed)
    # It reports what it finds wrong, and succeeds.
    report = run("python", "-m", "galaxy_importer.main", tarball, silent=True)
    copy.session.log(report)
    if re.search(r"^ERROR", report, re.MULTILINE):
        copy.session.error("galaxy-importer found errors")
    run("ansible-doc", "-t", "module", "certops.mimcm.mimcm_request_info", silent=True)

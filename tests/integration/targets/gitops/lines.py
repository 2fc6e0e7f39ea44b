# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the shell lines of the documented pipelines, as they stand, into files: github-plan.sh, gitlab-gate.sh, ..."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def steps(job: dict[str, Any]) -> Iterator[str]:
    """Yield what a job's shell is given, a text for each shell."""
    script = job.get("script", [])
    yield "\n".join(script) if isinstance(script, list) else script
    for step in job.get("steps", []):
        yield step.get("run", step.get("script", ""))


def jobs(pipeline: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a pipeline's jobs by name, in each of the three dialects."""
    found = pipeline.get("jobs", pipeline)
    if isinstance(found, list):
        return {job["job"]: job for job in found}
    return {name: job for name, job in found.items() if isinstance(job, dict)}


def main() -> None:
    examples, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for name, file in {"github": "github.yml", "gitlab": "gitlab-ci.yml", "azure": "azure-pipelines.yml"}.items():
        for job, given in jobs(yaml.safe_load((examples / file).read_text(encoding="utf-8"))).items():
            texts = [text for text in steps(given) if "ansible-playbook" in text]
            if texts:
                (folder / f"{name}-{job}.sh").write_text("\n".join(texts), encoding="utf-8")


if __name__ == "__main__":
    main()

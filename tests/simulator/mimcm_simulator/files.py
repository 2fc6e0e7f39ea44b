# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files a running server leaves for others, and takes away again."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def published(path: Path | None, content: bytes) -> Iterator[None]:
    """Write the file atomically, so nobody reads half of it, and remove it at the end."""
    if path is None:
        yield
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def ntlm_users(users: list[tuple[str, str, str]]) -> Iterator[None]:
    """Write the file in which pyspnego looks up NTLM users; without users nobody can sign in by NTLM."""
    os.environ.pop("NTLM_USER_FILE", None)
    if not users:
        yield
        return
    handle, name = tempfile.mkstemp(prefix="mimcm-simulator-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{domain}:{user}:{password}\n" for domain, user, password in users)
    os.environ["NTLM_USER_FILE"] = name
    try:
        yield
    finally:
        os.environ.pop("NTLM_USER_FILE", None)
        Path(name).unlink(missing_ok=True)

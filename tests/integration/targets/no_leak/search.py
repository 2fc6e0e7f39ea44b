# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plant secrets, and search everything that was written for them. It never shows a secret: only where one is, and how.

search.py plan HIDDEN                       make the secrets up
search.py selftest HIDDEN                   see that the search finds each form
search.py search HIDDEN PLACE=PATH ...      search; each place must hold the canary, which is no secret
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import os
import re
import secrets
import shlex
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import forms
import yaml

# What makes the encodings differ from each other.
_AWKWARD = "p&s  '{}' \"w0rd\"\\x/+=é<{}>%~"
# A bearer token has no blanks, and only ASCII.
_AWKWARD_TOKEN = "t&k'{}'\"\\x/+=<{}>%7E"
_TEXTS = {
    "password": _AWKWARD,
    "wrong_password": _AWKWARD,
    "pfx_password": _AWKWARD,
    "pin": _AWKWARD,
    "token": _AWKWARD_TOKEN,
    "wrong_token": _AWKWARD_TOKEN,
    "client_secret": _AWKWARD,
    "refresh_token": _AWKWARD_TOKEN,
    "canary": _AWKWARD,
}
# What the user hands over, in contrast to what the server answers.
_ARGUMENTS = {"password", "wrong_password", "pfx_password", "token", "wrong_token", "client_secret", "refresh_token"}
# With ANSIBLE_KEEP_REMOTE_FILES=1 Ansible leaves each module's program behind, its arguments in it, by design: no
# collection can prevent it. Nothing but those files is left out, and of the secrets only what is an argument.
_KEPT_PROGRAM = re.compile(r"/ansible-tmp-[^/]+/AnsiballZ_mimcm_\w+\.py$")
_TASK = re.compile(rb"^(?:TASK|RUNNING HANDLER|PLAY) \[(.*?)\]", re.MULTILINE)
# A line of a private key that is shorter is not worth searching for.
_LINE = 40


@dataclass(frozen=True)
class Hit:
    """Where a secret was found."""

    place: str
    path: str
    secret: str
    form: str
    task: str


def plan(hidden: Path) -> None:
    """Make the secrets up, new ones for each run, as variables for ansible-playbook -e @file."""
    # Digits and letters that no hexadecimal identifier has.
    letters = "ghjkmnpqrstuvwxyz23456789"
    made = {
        name: text.format(*("".join(secrets.choice(letters) for _index in range(9)) for _index in range(2)))
        for name, text in _TEXTS.items()
    }
    # The profile template's own: 48 hexadecimal digits.
    made["admin_key"] = secrets.token_hex(24)
    variables = {f"no_leak_{name}": text for name, text in made.items()}
    (hidden / "variables.json").write_text(json.dumps(variables), encoding="utf-8")


def selftest(hidden: Path) -> None:
    """See that a text is found in each form, as programs other than the search write it."""
    canary = _planned(hidden)["canary"]
    with tempfile.TemporaryDirectory() as folder:
        written = dict(_written(canary))
        for name, content in written.items():
            Path(folder, name).write_bytes(content)
        found = {Path(hit.path).name for hit in _hits({"self": Path(folder)}, {"canary": canary})}
        # A part is enough, and nothing else is taken for it.
        Path(folder, "cut").write_text(f"Refused: {canary[:15]}", encoding="utf-8")
        Path(folder, "another").write_text(canary[::-1] + canary[:6] + base64.b64encode(b"x" * 60).decode())
        cut = {Path(hit.path).name for hit in _hits({"self": Path(folder)}, {"canary": canary})} - found
    missed = sorted(set(written) - found)
    if missed or cut != {"cut"}:
        raise SystemExit(f"The search itself fails: it missed {missed}, and of a part it found {sorted(cut)}")
    print(f"The search finds {len(written)} ways of writing")


def _written(canary: str) -> Iterator[tuple[str, bytes]]:
    raw = canary.encode()
    yield "plain", b"before " + raw + b" after"
    yield "latin-1", canary.encode("latin-1")
    yield "bytes", str([raw]).encode()
    for ascii_only in (True, False):
        as_json = json.dumps({"options": [canary]}, ensure_ascii=ascii_only)
        yield f"json-{ascii_only}", as_json.encode()
        yield f"json-json-{ascii_only}", json.dumps({"stdout": as_json}, ensure_ascii=ascii_only).encode()
        yield f"json-repr-{ascii_only}", repr([as_json]).encode()
        yield f"json-base64-{ascii_only}", base64.b64encode(as_json.encode())
        for style in ("'", '"', "|", ">", None):
            document = {"deep": {"deeper": {"options": [f"{'much text ' * 6}{canary} and more"]}}}
            dumped = yaml.safe_dump(document, default_style=style, allow_unicode=not ascii_only)
            yield f"yaml-{ascii_only}-{'none' if style is None else ord(style)}", dumped.encode()
    yield "repr", repr([canary]).encode()
    yield "ascii", ascii([canary]).encode()
    yield "repr-repr", repr(repr([canary])).encode()
    yield "shell", shlex.quote(canary).encode()
    yield "url", urllib.parse.quote(canary, safe="").encode()
    yield "url-path", urllib.parse.quote(f"/x/{canary}").encode()
    yield "url-query", urllib.parse.urlencode({"x": canary}).encode()
    yield "html", html.escape(canary).encode()
    element = ElementTree.Element("testcase", name=canary)
    element.text = canary
    yield "xml-text", ElementTree.tostring(element, encoding="us-ascii")
    yield "xml-unicode", ElementTree.tostring(element, encoding="utf-8")
    yield "xml-attribute", ElementTree.tostring(ElementTree.Element("testcase", name=canary))
    for encoding in ("utf-8", "utf-16-le"):
        encoded = canary.encode(encoding)
        yield f"hex-{encoding}", b"00" + encoded.hex().encode()
        yield f"HEX-{encoding}", encoded.hex().upper().encode()
        for before in range(5):
            longer = b"name:"[:before] + encoded + b" and more"
            yield f"base64-{encoding}-{before}", base64.b64encode(longer)
            yield f"base64-wrapped-{encoding}-{before}", base64.encodebytes(longer * 3)
            yield f"base64-urls-{encoding}-{before}", base64.urlsafe_b64encode(longer)


def search(hidden: Path, places: dict[str, Path]) -> None:
    """Search the places, and end with an error if a secret is in one or the canary is not in each."""
    texts = {**_planned(hidden), **dict(_answered(hidden))}
    everything = list(_hits(places, texts))
    seen = {hit.place for hit in everything if hit.secret == "canary"}
    hits = sorted({hit for hit in everything if hit.secret != "canary"}, key=lambda hit: tuple(vars(hit).values()))
    kept = [hit for hit in hits if _KEPT_PROGRAM.search(hit.path) and hit.secret in _ARGUMENTS]
    leaks = [hit for hit in hits if hit not in kept]
    for leak in leaks:
        print(f"LEAK in {leak.place}: {leak.path}: {leak.secret}, {leak.form}, task: {leak.task}")
    print(f"Searched {', '.join(places)} for {len(texts) - 1} secrets; left out {len(kept)} arguments")
    problems = [
        f"The canary is not in {place}: nothing was searched there" for place in places if place not in seen | {"rest"}
    ]
    kinds = {name.rpartition("-")[0] for name in texts}
    wanted = {"PIN", "answer", "admin key", "PFX", "private key", "template key"} - kinds
    problems += [f"There was no {kind}, so nothing was searched for it" for kind in sorted(wanted)]
    if "kept" in places and not kept:
        problems.append("Kept programs hold no arguments any more: search them too")
    print("\n".join(problems))
    if leaks or problems:
        raise SystemExit(1)


def _planned(hidden: Path) -> dict[str, str]:
    variables = json.loads((hidden / "variables.json").read_text(encoding="utf-8"))
    return {name.removeprefix("no_leak_"): text for name, text in variables.items()}


def _answered(hidden: Path) -> Iterator[tuple[str, str]]:
    """Yield what the server answered, and the private keys that were made, by kind and number."""
    answers = set((hidden / "answered.jsonl").read_text(encoding="utf-8").splitlines())
    for number, line in enumerate(sorted(answers)):
        kind, text = json.loads(line)
        yield f"{kind}-{number}", text
        # Keys and answers are shown in hexadecimal too.
        if kind in ("answer", "admin key"):
            yield f"{kind}-{number}h", base64.b64decode(text).hex()
        if kind == "template key":
            yield f"{kind}-{number}b", base64.b64encode(bytes.fromhex(text)).decode()
    for path in sorted((hidden / "kept").rglob("*.key")):
        lines = path.read_text(encoding="ascii").splitlines()
        # The first third is the public part, which the certificate has too.
        for number, line in enumerate(lines[len(lines) // 3 :]):
            if len(line) >= _LINE and "-----" not in line:
                yield f"private key-{path.name}{number}", line


def _hits(places: dict[str, Path], texts: dict[str, str]) -> Iterator[Hit]:
    patterns: dict[bytes, tuple[str, str]] = {}
    for name, text in texts.items():
        for pattern, form in forms.forms(text).items():
            patterns.setdefault(pattern, (name, form))
            # Keys in hexadecimal are the same in capitals.
            if re.fullmatch(rb"[0-9a-f]+", pattern):
                patterns.setdefault(pattern.upper(), (name, f"{form} in capitals"))
    # Each file once, in the first place that has it.
    first: dict[Path, str] = {}
    for place, path in places.items():
        for file in _files(path):
            first.setdefault(file, place)
    files = [(place, file) for file, place in first.items()]
    for number, found in _grep((file for _place, file in files), patterns):
        place, file = files[number]
        yield Hit(place, str(file), *patterns[found], _task(file.read_bytes(), found))


def _files(path: Path) -> Iterable[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())


def _grep(files: Iterable[Path], patterns: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield which file, by its number, has which pattern; grep looks for thousands of them at once."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "patterns").write_bytes(b"\n".join(patterns))
        Path(folder, "contents").mkdir()
        for number, file in enumerate(files):
            # Without blanks: the forms are too. The name of the file is searched as well.
            named = str(file).encode("utf-8", "surrogateescape") + b"\n" + file.read_bytes()
            Path(folder, "contents", str(number)).write_bytes(forms.squeeze(named))
        command = ["grep", "-raoFZ", "-f", "../patterns", "."]
        result = subprocess.run(
            command, cwd=Path(folder, "contents"), capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"}
        )
    if result.returncode > 1:
        raise SystemExit("grep cannot search")
    for line in set(result.stdout.splitlines()):
        name, _dummy, found = line.partition(b"\0")
        yield int(name.rpartition(b"/")[2]), found


def _task(content: bytes, pattern: bytes) -> str:
    """Return the name of the task above the first hit in a log."""
    last = "unknown"
    ends = [found.start() for found in _TASK.finditer(content)] + [len(content)]
    for start, end in itertools.pairwise(ends):
        if pattern in forms.squeeze(content[start:end]):
            named = _TASK.match(content, start)
            return named[1].decode("utf-8", "replace") if named else last
    return last


def main() -> None:
    command, hidden = sys.argv[1], Path(sys.argv[2])
    if command == "search":
        pairs = (argument.partition("=") for argument in sys.argv[3:])
        search(hidden, {place: Path(path) for place, _dummy, path in pairs})
    else:
        {"plan": plan, "selftest": selftest}[command](hidden)


if __name__ == "__main__":
    main()

# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand in front of the reference server: let callers in by token or NTLM, and repeat secrets in error messages.

The first part of the path says what happens; tasks choose it with api_path:

    /open, /token, /ntlm    who may call; the call is passed on to the reference server
    /fault-KIND             the answer is an error that repeats what was planted and sent
    /later-KIND-NAME        the first call is passed on, each further one has the error
    /adfs                   the answer is a token, to whoever knows password and client secret, or the refresh token
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import http.client
import json
import os
import re
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import spnego

USER = ("CONTOSO", "alice")
# By the path's end: what is secret in an answer.
ANSWERED = {
    "serverproposedpin": "PIN",
    "authenticationresponse": "answer",
    "diversifiedkey": "admin key",
    "certificatedata": "PFX",
    "smartcards": "template key",
}
_LOCK = threading.Lock()
_CALLS: Counter[str] = Counter()


class Handler(BaseHTTPRequestHandler):
    """One connection; with NTLM it is the connection that signs in."""

    protocol_version = "HTTP/1.1"
    upstream: str
    hidden: Path
    secrets: dict[str, str]

    def setup(self) -> None:
        super().setup()
        self.context: Any = None
        self.user = ""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def handle_call(self) -> None:
        """Answer one call."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        way, _dummy, path = self.path[1:].partition("/")
        kind = way.partition("-")[2]
        if way.startswith("later-"):
            with _LOCK:
                _CALLS[way] += 1
                late = _CALLS[way] > 1
            way, kind = ("fault", kind.rpartition("-")[0]) if late else ("open", "")
        if way.startswith("fault"):
            self._fail(kind, body)
        elif way == "adfs":
            self._hand_out_token(body)
        elif way == "token" and self.headers.get("Authorization") != f"Bearer {self.secrets['token']}":
            self._answer(401, self._page(body), {"WWW-Authenticate": f'Bearer realm="{self._said(body)}"'})
        elif way != "ntlm" or self._signed_in(body):
            self._pass_on(f"/{path}", body)

    do_GET = do_POST = do_PUT = handle_call

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None, reason: str = "") -> None:
        self.send_response(status, reason or None)
        for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(name, " ".join(value.encode("ascii", "replace").decode().split()))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _pass_on(self, path: str, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        headers = {"Content-Type": self.headers.get("Content-Type") or "application/json"}
        connection.request(self.command, path, body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status == 200:
            self._note(urlsplit(path).path, content)
        self._answer(answer.status, content, {"Content-Type": answer.getheader("Content-Type") or "text/plain"})

    def _note(self, path: str, content: bytes) -> None:
        """Note the secrets of an answer, for the search."""
        kind = ANSWERED.get(path.rpartition("/")[2])
        if kind == "template key" and "/configuration/" not in path:
            return
        value = json.loads(content or b"null") if kind else None
        found = [value] if isinstance(value, str) else []
        if kind == "PFX" and isinstance(value, list):
            found = [item["Pfx"] for item in value if item.get("Pfx")]
        if kind == "template key":
            found = re.findall(r'AdminKey\w*": ?"([0-9A-Fa-f]{48})"', content.decode())
        with _LOCK, open(self.hidden / "answered.jsonl", "a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps([kind, text])}\n" for text in found)

    def _hand_out_token(self, body: bytes) -> None:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        known = all(form.get(name) == self.secrets[name] for name in ("client_secret", "password"))
        if known or form.get("refresh_token") == self.secrets["refresh_token"]:
            token = {"access_token": self.secrets["token"], "refresh_token": self.secrets["refresh_token"]}
            self._answer(200, json.dumps({**token, "token_type": "bearer", "expires_in": 3600}).encode())
        else:
            self._fail("400-oauth", body)

    def _signed_in(self, body: bytes) -> bool:
        """Whether the connection has signed in; if not, what comes next was answered."""
        if self.user:
            return True
        scheme, _dummy, token = self.headers.get("Authorization", "").partition(" ")
        challenge = "NTLM"
        if scheme == "NTLM":
            with contextlib.suppress(spnego.exceptions.SpnegoError, binascii.Error, ValueError):
                self.context = self.context or spnego.server(protocol="ntlm", service="HTTP")
                answer = self.context.step(base64.b64decode(token))
                if self.context.complete:
                    self.user = "signed in"
                    return True
                challenge = f"NTLM {base64.b64encode(answer).decode()}"
        if challenge == "NTLM":
            self.context = None
        self._answer(401, self._page(body), {"WWW-Authenticate": challenge})
        return False

    def _said(self, body: bytes) -> str:
        """Return a sentence with everything that was sent, or could be known from it."""
        said = [self.headers.get("Authorization") or "", self.secrets["token"], self.secrets["password"]]
        with contextlib.suppress(ValueError, AttributeError):
            said.append(json.loads(body).get("pfxpassword") or "")
        with contextlib.suppress(ValueError):
            said += [value for values in parse_qs(body.decode()).values() for value in values]
        if urlsplit(self.path).path.rpartition("/")[2] in ANSWERED:
            said.append(self.secrets["pin"])
        return f"Refused: {' and '.join(filter(None, said))}"

    def _page(self, body: bytes) -> bytes:
        return f"<html><body>{html.escape(self._said(body))}</body></html>".encode()

    def _fail(self, kind: str, body: bytes) -> None:
        said = self._said(body)
        status = int(kind[:3])
        message = {"Message": f"{said}."}
        answers: dict[str, tuple[bytes, dict[str, str], str]] = {
            "json": (json.dumps(message).encode(), {}, ""),
            "plain": (json.dumps(message, ensure_ascii=False).encode(), {}, ""),
            # A message that is cut off in the middle of a secret, wherever that is.
            "cut": (json.dumps({"Message": f"{'x ' * 135}{said}"}).encode(), {}, ""),
            "blanks": (json.dumps({"Message": said.replace(" ", "  ")}).encode(), {}, ""),
            "oauth": (json.dumps({"error": "invalid_grant", "error_description": said}).encode(), {}, ""),
            "html": (self._page(body), {"Content-Type": "text/html"}, ""),
            "garbage": (said.encode(), {}, ""),
            "reason": (b"{}", {"Retry-After": said}, " ".join(said.encode("ascii", "replace").decode().split())),
            "place": (b"", {"Location": f"/login?{quote(said)}"}, ""),
        }
        self._answer(status, *answers[kind[4:]])


def main() -> None:
    """Serve until the process is ended; the port is written when it is ready."""
    origin, hidden = sys.argv[1], Path(sys.argv[2])
    variables = json.loads((hidden / "variables.json").read_text(encoding="utf-8"))
    Handler.upstream = urlsplit(origin).netloc
    Handler.hidden = hidden
    Handler.secrets = {name.removeprefix("no_leak_"): text for name, text in variables.items()}
    users = hidden / "users"
    users.write_text(":".join([*USER, Handler.secrets["password"]]) + "\n", encoding="utf-8")
    os.environ["NTLM_USER_FILE"] = str(users)
    (hidden / "answered.jsonl").touch()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    (hidden / "port.new").write_text(str(server.server_port), encoding="ascii")
    (hidden / "port.new").rename(hidden / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()

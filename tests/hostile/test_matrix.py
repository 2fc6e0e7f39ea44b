# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module and every lookup against every fault of a network, with the outcome that docs/network.md promises."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from faulty import Faulty, Received, Step, answer, close, drip, faulty, flood, flood_of_100, hang, reset, send
from plugins_under_test import PASSWORD, PLUGINS, READERS, TOKEN, WORLD, WRITERS, Plugin

JSON = "Content-Type: application/json"
HEAD = f"HTTP/1.1 200 OK\r\n{JSON}\r\n".encode()
GUID = "5f0ad9c0-14f5-4bd4-8d5e-3c2c4c1a1c0f"
BOMB = gzip.compress(b"[" + b" " * 300_000_000 + b"]", 1)
HTML = b"<html><body>Sign in</body></html>"


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and what comes of it.

    Args:
        name: As docs/network.md calls it.
        steps: What the server does.
        said: What the message holds.
        options: What the task sets besides.
        again: Whether what reads is tried again.
        row: The row of the page that it belongs to, if that has another name.
    """

    name: str
    steps: tuple[Step, ...]
    said: str
    options: dict[str, Any] = field(default_factory=dict)
    again: bool = False
    row: str = ""


FAULTS = [
    Fault("reset before the answer", (reset,), "could not reach|connection reset|broke off", again=True),
    Fault("closed before the answer", (close,), "broke off before the answer was complete", again=True),
    Fault("closed among the headers", (send(HEAD[:25]), close), "broke off before the answer was complete", again=True),
    Fault(
        "reset in the body",
        (send(HEAD + b"Content-Length: 9000\r\n\r\n["), reset),
        "connection reset|broke off",
        again=True,
    ),
    Fault("truncated body", (send(HEAD + b"Content-Length: 9000\r\n\r\n[{}"), close), "broke off", again=True),
    Fault("broken chunks", (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), close), "broke off", again=True),
    Fault("no answer", (hang,), r"no answer within 0\.6 s", {"timeout": 0.6}, again=True),
    Fault("headers byte by byte", (drip(HEAD * 30),), r"no answer within 0\.8 s", {"timeout": 0.8}, again=True),
    Fault(
        "body byte by byte",
        (send(HEAD + b"Content-Length: 1500\r\n\r\n"), drip(b" " * 1500)),
        r"no answer within 0\.8 s",
        {"timeout": 0.8},
        again=True,
    ),
    *(
        Fault(
            f"{status}{name}",
            (answer(status, b"", *headers),),
            rf"busy or temporarily unavailable \({status}",
            again=True,
            row="429, 502, 503, 504",
        )
        for status in (429, 502, 503, 504)
        for name, headers in {
            "": [],
            " with Retry-After: 0": ["Retry-After: 0"],
            " with a date": ["Retry-After: Sat, 01 Jan 2000 00:00:00 GMT"],
            " with nonsense": ["Retry-After: soon"],
        }.items()
    ),
    Fault("401 without a method", (answer(401, HTML, "Content-Type: text/html"),), "401|refused"),
    Fault("401 with another method", (answer(401, HTML, 'WWW-Authenticate: Digest realm="x"'),), "401|refused"),
    Fault("403", (answer(403, b'{"Message": "no"}', JSON),), r"403"),
    Fault(
        "404",
        (answer(404, HTML, "Content-Type: text/html"),),
        r"was not found on the server \(404\)|There is no API at .* \(404\)|AD FS answered 404",
    ),
    Fault("407", (answer(407),), "proxy", again=True),
    Fault("418", (answer(418, HTML),), "418"),
    Fault("206", (answer(206, b"[]", JSON),), "206", row="418"),
    Fault(
        "two lengths",
        (send(HEAD + b"Content-Length: 2\r\nContent-Length: 9\r\n\r\n[]"), close),
        "not valid HTTP|broke off",
        again=True,
        row="broken chunks",
    ),
    Fault(
        "a negative chunk",
        (send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc"), close),
        "not valid HTTP|broke off",
        again=True,
        row="broken chunks",
    ),
    Fault(
        "100 Continue for ever",
        (flood_of_100,),
        r"no answer within 0\.8 s|broke off",
        {"timeout": 0.8},
        True,
        "no answer",
    ),
    Fault("500 with a correlation id", (answer(500, f'{{"Message": "Id {GUID}"}}'.encode(), JSON),), f"{GUID}|500"),
    Fault("500 without", (answer(500, b'{"Message": "An error has occurred."}', JSON),), "500"),
    Fault("500 in HTML", (answer(500, HTML, "Content-Type: text/html"),), "500"),
    Fault("500 with a trace", (answer(500, b'{"Message": "x", "StackTrace": "at Clm"}', JSON),), "500"),
    Fault("HTML instead of JSON", (answer(200, HTML, "Content-Type: text/html"),), "not JSON"),
    Fault("truncated JSON", (answer(200, b'[{"Uuid": "x', JSON),), "not JSON|not a|server answered|did not answer"),
    Fault("deep JSON", (answer(200, b"[" * 100_000, JSON),), "not JSON|not a|server answered|did not answer"),
    Fault(
        "bytes that are no text",
        (answer(200, b'[{"A": "\xff\xfe"}]', f"{JSON}; charset=utf-8"),),
        "not JSON|not a|did not answer",
    ),
    Fault(
        "a charset that does not exist",
        (answer(200, b'["\xff"]', f"{JSON}; charset=klingon"),),
        "not JSON|not a|did not answer",
    ),
    Fault("broken gzip", (answer(200, b"x" * 99, JSON, "Content-Encoding: gzip"),), "compressed|unpacked"),
    Fault(
        "a gzip bomb",
        (answer(200, BOMB, JSON, "Content-Encoding: gzip"),),
        "larger than max_response_bytes",
        {"max_response_bytes": 1_000_000},
    ),
    Fault(
        "a body that is too large",
        (answer(200, b"[" + b" " * 200_000 + b"]", JSON),),
        "larger than max_response_bytes",
        {"max_response_bytes": 100_000},
    ),
    Fault(
        "an endless body",
        (send(HEAD + b"\r\n"), flood),
        "larger than max_response_bytes",
        {"max_response_bytes": 1_000_000},
    ),
    *(
        Fault(
            f"{status} to another place",
            (answer(status, b"", "Location: http://127.0.0.1:9/x"),),
            "redirect|30[1-8]",
            row="301, 302, 303, 307, 308",
        )
        for status in (301, 302, 303, 307, 308)
    ),
    Fault("a redirect to nowhere", (answer(302, b"", "Location: http://[broken"),), "redirect|302"),
    Fault("no HTTP at all", (send(b"SSH-2.0-OpenSSH_9.2\r\n"), close), "broke off|could not reach", again=True),
]


def named(case: Plugin | Fault) -> str:
    kind = f"-{case.kind}" if isinstance(case, Plugin) and case.kind != "module" else ""
    return f"{case.name.replace(' ', '-')}{kind}"


@pytest.fixture(scope="module")
def upstream() -> Iterator[Any]:
    from mimcm_simulator.launch import running

    with running() as server:
        yield server


@pytest.fixture
def front(upstream: Any) -> Iterator[Faulty]:
    import requests

    requests.put(f"{upstream.control}/scenario", json=WORLD, timeout=5).raise_for_status()
    with faulty(upstream=upstream.origin.partition("//")[2]) as server:
        yield server


# In seconds, and far more than a run takes: it is for a limit that does not work at all, as all that is slow here goes
# on for six minutes at least.
_TOO_LONG = 120


def run(plugin: Plugin, server: Faulty, **given: Any) -> tuple[bool, str]:
    """Run a plugin; return whether it succeeded, and what it said, which is one sentence and no secret."""
    start = time.monotonic()
    succeeded, said = plugin.run({"url": server.url, "retries": 0, **given})
    assert time.monotonic() - start < _TOO_LONG
    assert not succeeded or not said
    assert "Traceback" not in said
    assert "\n" not in said
    assert PASSWORD not in said
    assert TOKEN not in said
    return succeeded, said


@pytest.mark.parametrize("fault", FAULTS, ids=named)
@pytest.mark.parametrize("plugin", PLUGINS, ids=named)
def test_every_plugin_with_every_fault(front: Faulty, plugin: Plugin, fault: Fault) -> None:
    front.steps = fault.steps
    succeeded, said = run(plugin, front, **fault.options)
    assert not succeeded
    assert re.search(fault.said, said, re.IGNORECASE), said


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.again], ids=named)
def test_what_reads_is_tried_again(front: Faulty, fault: Fault) -> None:
    reader = next(plugin for plugin in PLUGINS if plugin.name == "mimcm_request_info")
    front.steps, front.concerns = fault.steps, lambda received, before: before == 0
    succeeded, said = run(
        reader, front, **{**fault.options, "retries": 1, "timeout": max(fault.options.get("timeout", 5), 0.6)}
    )
    assert succeeded, said
    assert [call.method for call in front.calls] == ["GET", "GET"]


@pytest.mark.parametrize("plugin", READERS, ids=named)
def test_every_reader_tries_again(front: Faulty, plugin: Plugin) -> None:
    front.steps, front.concerns = (close,), lambda received, before: before == 0
    succeeded, said = run(plugin, front, retries=1)
    assert succeeded, said


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.again], ids=named)
def test_what_cannot_pass_is_not_tried_again(front: Faulty, fault: Fault) -> None:
    reader = next(plugin for plugin in PLUGINS if plugin.name == "mimcm_request_info")
    front.steps = fault.steps
    succeeded, said = run(reader, front, **fault.options, retries=3, request_ids=None)
    assert not succeeded, said
    assert len(front.calls) == 1


def writes(received: Received, before: int) -> bool:
    return received.method != "GET"


@pytest.mark.parametrize("fault", FAULTS, ids=named)
@pytest.mark.parametrize("plugin", WRITERS, ids=named)
def test_what_writes_is_never_sent_blindly_again(front: Faulty, plugin: Plugin, fault: Fault) -> None:
    """Checking whether it arrived is allowed; here it never does, so each further attempt follows such a check."""
    front.steps, front.concerns = fault.steps, writes
    succeeded, said = run(plugin, front, **fault.options, retries=1, **plugin.patience)
    assert not succeeded
    assert said
    kinds = "".join("r" if call.method == "GET" else "w" for call in front.calls)
    assert "ww" not in kinds, kinds


@pytest.mark.parametrize(
    "steps", [(reset,), (close,), (answer(502),), (send(HEAD[:25]), close)], ids=["reset", "close", "502", "cut"]
)
def test_a_request_whose_answer_is_lost_is_created_once(front: Faulty, upstream: Any, steps: tuple[Step, ...]) -> None:
    """The server carries it out, and the answer never arrives."""
    import requests

    creator = next(plugin for plugin in WRITERS if plugin.name == "mimcm_request")

    def carried_out_and_lost(talk: Any) -> None:
        received = front.hurt[-1]
        requests.post(
            f"{upstream.origin}{received.path}",
            data=received.body,
            headers={"Content-Type": "application/json"},
            timeout=5,
        )

    front.steps = (carried_out_and_lost, *steps)
    front.concerns = lambda received, before: received.method == "POST" and not front.hurt
    succeeded, said = run(creator, front, retries=1, **creator.patience)
    assert succeeded, said
    assert [call.method for call in front.calls].count("POST") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("plugin", PLUGINS, ids=named)
def test_nothing_is_sent_to_where_a_redirect_leads(front: Faulty, upstream: Any, plugin: Plugin, status: int) -> None:
    with faulty(upstream=upstream.origin.partition("//")[2], concerns=lambda received, before: False) as elsewhere:
        front.steps = (answer(status, b"", f"Location: {elsewhere.url}/CertificateManagement/api/v1.0/requests"),)
        assert not run(plugin, front)[0]
        assert elsewhere.calls == []


def test_a_redirect_from_https_to_http_is_refused(upstream: Any, authority: tuple[Any, str]) -> None:
    reader = next(plugin for plugin in PLUGINS if plugin.name == "mimcm_request_info")
    origin = upstream.origin.partition("//")[2]
    certificate = authority[0].issue_cert("localhost")
    with faulty(upstream=origin) as plain, faulty(upstream=origin, certificate=certificate) as secure:
        secure.steps = (answer(307, b"", f"Location: {plain.url}/"),)
        token = {"auth_method": "token", "ca_path": authority[1]}
        assert "redirects are not followed" in run(reader, secure, **token)[1]
        assert plain.calls == []


def test_the_page_has_every_fault_and_says_what_is_tried_again() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "network.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| ")
    ]
    documented = {name: cells[2] for cells in rows if len(cells) == 4 for name in cells[0].split("; ")}
    for fault in FAULTS:
        assert documented.get(fault.row or fault.name) == ("yes" if fault.again else "no"), fault.name


# ---------------------------------------------------------------------------------------------------------------------
# What is no fault


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("iso-8859-1", "iso-8859-1"), ("utf-8", "utf-8-sig"), ("utf-16", "utf-16"), ("", "utf-8-sig"), ("", "utf-16")],
)
def test_texts_in_any_declared_encoding(front: Faulty, charset: str, encoding: str) -> None:
    content = json.dumps([{"Uuid": GUID, "Comment": "Grüße"}], ensure_ascii=False).encode(encoding)
    front.steps = (answer(200, content, JSON + (f"; charset={charset}" if charset else "")),)
    reader = next(plugin for plugin in PLUGINS if plugin.name == "mimcm_request_info")
    assert run(reader, front, request_ids=None)[0]


# ---------------------------------------------------------------------------------------------------------------------
# Before HTTP: names, ports, TLS, proxies


@pytest.mark.parametrize("plugin", PLUGINS, ids=named)
def test_nobody_there(front: Faulty, plugin: Plugin) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert re.search(
        "could not reach.*connection refused|cannot be reached",
        run(plugin, front, url=f"http://localhost:{port}")[1],
        re.I,
    )


@pytest.mark.parametrize("plugin", PLUGINS, ids=named)
def test_a_name_that_does_not_resolve(front: Faulty, plugin: Plugin) -> None:
    assert "does not resolve" in run(plugin, front, url="http://no-such-host.invalid")[1]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, str]:
    import trustme

    made = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    made.cert_pem.write_to_path(str(path))
    return made, str(path)


CERTIFICATES: dict[str, tuple[list[str], bool, bool, str]] = {
    # Names, whether its CA is known, whether it has expired, what is said.
    "unknown CA": (["localhost"], False, False, "not trusted.*ca_path"),
    "wrong name": (["elsewhere.test"], True, False, "not trusted.*(host ?name|doesn't match|mismatch)"),
    "expired": (["localhost"], True, True, "not trusted.*expired"),
}


@pytest.mark.parametrize("kind", CERTIFICATES)
@pytest.mark.parametrize("plugin", PLUGINS, ids=named)
def test_certificates(upstream: Any, authority: tuple[Any, str], plugin: Plugin, kind: str, tmp_path: Path) -> None:
    import datetime

    import trustme

    names, known, expired, said = CERTIFICATES[kind]
    issuer = authority[0] if known else trustme.CA()
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc) if expired else None
    certificate = issuer.issue_cert(*names, not_after=past)
    with faulty(upstream=upstream.origin.partition("//")[2], certificate=certificate) as server:
        found = run(plugin, server, ca_path=authority[1])[1]
        assert re.search(said, found, re.IGNORECASE), found
        # Nothing was sent to whoever it is.
        assert server.calls == []


@pytest.mark.parametrize("plugin", PLUGINS, ids=named)
def test_https_where_http_is_spoken(front: Faulty, plugin: Plugin) -> None:
    # The server waits for the end of a line, which a TLS client has no reason to send.
    found = run(plugin, front, url=front.url.replace("http:", "https:"), timeout=0.6)[1]
    assert re.search("TLS handshake failed|No TLS connection|no answer within 0.6 s", found), found


@pytest.mark.parametrize("plugin", PLUGINS, ids=named)
def test_a_proxy_that_is_not_there(front: Faulty, plugin: Plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://user:pr0xy-pr0xy@127.0.0.1:9")
    found = run(plugin, front)[1]
    assert re.search("proxy.*use_proxy: false", found, re.IGNORECASE), found
    assert "pr0xy" not in found
    front.concerns = lambda received, before: False
    assert plugin not in READERS or run(plugin, front, use_proxy=False)[0]


# ---------------------------------------------------------------------------------------------------------------------
# In the middle of a wait

WAIT = next(plugin for plugin in PLUGINS if plugin.name == "mimcm_request_wait")
PENDING, APPROVED = "11111111-0000-4000-8000-00000000000a", "11111111-0000-4000-8000-00000000000b"


@pytest.fixture
def waiting(front: Faulty, upstream: Any) -> Faulty:
    import requests

    # Pending when it is first seen, whether in a list or alone, and approved when the wait has outlived the fault.
    script = [{"seen": 3, "status": "Approved"}]
    world = {
        "requests": [
            {"id": PENDING, "status": "Pending", "script": script},
            {"id": APPROVED, "status": "Approved"},
        ]
    }
    requests.put(f"{upstream.control}/scenario", json=world, timeout=5).raise_for_status()
    return front


PASSES = [fault for fault in FAULTS if fault.again or fault.name.startswith(("500", "HTML", "truncated JSON"))]


@pytest.mark.parametrize("fault", PASSES, ids=named)
def test_a_wait_outlives_what_passes(waiting: Faulty, fault: Fault) -> None:
    waiting.steps, waiting.concerns = fault.steps, lambda received, before: 1 <= before <= 2
    given = {"request_ids": [PENDING, APPROVED], "wait_timeout": 300, "poll_interval": 0.3, "poll_interval_max": 0.3}
    succeeded, said = run(WAIT, waiting, **given, **{**fault.options, "timeout": fault.options.get("timeout", 5)})
    assert succeeded, said


def test_a_wait_that_ends_in_a_fault_returns_what_was_reached(waiting: Faulty) -> None:
    waiting.steps, waiting.concerns = (reset,), lambda received, before: before >= 2
    given = {"request_ids": [PENDING, APPROVED], "wait_timeout": 5, "poll_interval": 0.3, "poll_interval_max": 0.3}
    result = WAIT.result({"url": waiting.url, "retries": 0, **given})
    assert result["failed"]
    assert result["reached"] == [APPROVED]
    assert [request["uuid"] for request in result["requests"]] != []
    assert result["polls"] > 2


def test_a_token_that_is_refused_in_a_wait(waiting: Faulty) -> None:
    waiting.steps = (answer(401, b"", "WWW-Authenticate: Bearer"),)
    waiting.concerns = lambda received, before: before >= 2
    given = {"request_ids": [PENDING, APPROVED], "wait_timeout": 300, "poll_interval": 0.3, "poll_interval_max": 0.3}
    token = {"auth_method": "token", "allow_http_credentials": True, "token": TOKEN}
    result = WAIT.result({"url": waiting.url, "retries": 0, **given, **token})
    assert "the token may have expired" in result["msg"]
    assert TOKEN not in json.dumps(result)
    assert result["reached"] == [APPROVED]


def test_a_server_that_is_started_again_in_a_wait(upstream: Any) -> None:
    """Nothing listens until the wait has found that out; then a new server does, which knows no connections."""
    world = {"requests": [{"id": PENDING, "status": "Pending"}]}
    upstream.call("scenario", world, "PUT")
    origin = upstream.origin.partition("//")[2]
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        port = chosen.getsockname()[1]
    given = {"request_ids": [PENDING], "wait_timeout": 300, "poll_interval": 0.2, "poll_interval_max": 0.2}
    started = {"upstream": origin, "concerns": lambda received, before: False, "port": port}
    with ThreadPoolExecutor(1) as pool, noticed("Trying again") as gone:
        with faulty(**started) as first:
            wait = pool.submit(WAIT.result, {"url": f"http://127.0.0.1:{port}", "retries": 0, **given})
            eventually(lambda: first.calls)
        assert gone.wait(_TOO_LONG)
        with faulty(**started) as second:
            eventually(lambda: second.calls)
            upstream.call(f"requests/{PENDING}", {"status": "Approved"}, "POST")
            result = wait.result(_TOO_LONG)
    assert result.get("reached") == [PENDING], result
    assert result["failed_polls"] > 0


def eventually(happened: Callable[[], Any]) -> None:
    deadline = time.monotonic() + _TOO_LONG
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextlib.contextmanager
def noticed(words: str) -> Iterator[threading.Event]:
    """An event that comes when the collection logs these words."""
    found = threading.Event()
    handler = logging.Handler()
    handler.emit = lambda record: found.set() if words in record.getMessage() else None  # type: ignore[method-assign]
    logger = logging.getLogger("certops.mimcm")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)

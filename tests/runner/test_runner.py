# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection under ansible-runner, which AWX and execution environments run playbooks with.

The collection is found by ANSIBLE_COLLECTIONS_PATH.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ansible_runner  # type: ignore[import-untyped]
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "simulator"))

from mimcm_simulator.launch import Running, running

HOSTS = 20
PIN = "73190465"  # and the host's two digits
TOKEN = "planted0token0Zq7Wv2Lk9Xr4"
AS_A_MODULE = "runs as a module, because"
WAIT_LINE = "mimcm_request_wait: "
PIN_CALL = "GET /smartcards/{id}/serverproposedpin"

FETCH_PIN = """
    - name: Fetch the PIN
      certops.mimcm.mimcm_smartcard_pin:
        smartcard_id: "{{ smartcard }}"
        card_id: "{{ card }}"
        atr: 3b8d0180fba000000397425446590301c8
        dest: "{{ pins }}/{{ inventory_hostname }}"
      register: pin

    - name: Use them
      ansible.builtin.assert:
        that: ansible_play_hosts | map('extract', hostvars, ['pin', 'pin']) | map('length') | unique == [10]
      run_once: true
"""
PLAY = """---
- name: Under ansible-runner
  hosts: people
  gather_facts: false
  tasks:
"""
WAIT = """
    - name: Wait for all
      ansible.builtin.include_role:
        name: certops.mimcm.request_wait
      vars:
        request_wait_request_ids: "{{ request }}"
        request_wait_timeout: 60
        request_wait_poll_interval: 3
        request_wait_poll_interval_max: 3
"""


def guid(kind: int, number: int) -> str:
    return f"5b0c1a52-7d1e-4c39-{kind:04d}-2e6f3d8a{number:04d}"


def world(status: str) -> dict[str, Any]:
    """A request and a card for each host."""
    return {
        "requests": [{"id": guid(1, i), "status": status, "smartcard": guid(2, i)} for i in range(HOSTS)],
        "smartcards": [{"id": guid(2, i), "card_id": guid(3, i), "pin": f"{PIN}{i:02d}"} for i in range(HOSTS)],
    }


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    scenario = tmp_path / "scenario.json"
    scenario.write_text(json.dumps(world("Pending")), encoding="utf-8")
    with running("--scenario", str(scenario), "--auth", "token", "--token", TOKEN) as started:
        yield started


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A private data dir with the inventory, and nothing of the user's environment."""
    for name in list(os.environ):
        if name != "ANSIBLE_COLLECTIONS_PATH" and re.match(r"ANSIBLE_|MIMCM_|RUNNER_|.*_proxy$", name, re.IGNORECASE):
            monkeypatch.delenv(name)
    # ansible-playbook is looked for there; it stands beside this Python.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]))
    (tmp_path / "pins").mkdir()
    folder = tmp_path / "private"
    hosts = {f"host{i:02d}": {"request": guid(1, i), "smartcard": guid(2, i), "card": guid(3, i)} for i in range(HOSTS)}
    # The interpreter as inventories of AWX have it.
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    variables = {**local, "pins": str(tmp_path / "pins")}
    (folder / "inventory").mkdir(parents=True)
    inventory = json.dumps({"people": {"hosts": hosts, "vars": variables}})
    (folder / "inventory" / "hosts.json").write_text(inventory, encoding="utf-8")
    return folder


def play(data_dir: Path, server: Running, text: str, **options: Any) -> str:
    """Run a playbook, which must succeed, and return what it printed."""
    (data_dir / "project").mkdir()
    (data_dir / "project" / "play.yml").write_text(text, encoding="utf-8")
    account = {"mimcm_auth_method": "token", "mimcm_token": TOKEN, "mimcm_allow_http_credentials": True}
    run = ansible_runner.run(
        private_data_dir=str(data_dir),
        playbook="play.yml",
        extravars={"mimcm_url": server.origin, **account},
        quiet=True,
        **options,
    )
    printed = str(run.stdout.read())
    assert (run.status, run.rc) == ("successful", 0), printed[-3000:]
    return printed


def assert_no_secret(data_dir: Path, known: str) -> None:
    """Search all that ansible-runner wrote down; what is known to be in there shows that the search finds things."""
    texts = {path: path.read_text(encoding="utf-8") for path in (data_dir / "artifacts").rglob("*") if path.is_file()}
    assert len([path for path in texts if path.parent.name == "job_events"]) > 5
    assert any(known in text for text in texts.values())
    assert [path for path, text in texts.items() if PIN in text or TOKEN in text] == []


def pins_in(data_dir: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in (data_dir.parent / "pins").iterdir()}


def test_twenty_hosts_share_a_wait_and_keep_their_pins(data_dir: Path, server: Running) -> None:
    progress: list[str] = []
    calls: list[dict[str, int]] = []

    def approve_after_the_first_look(event: dict[str, Any]) -> bool:
        if WAIT_LINE in event["stdout"]:
            progress.append(event["stdout"])
            if not calls:
                calls.append(server.call("calls")["by_operation"])
                server.call("scenario", world("Approved"), "PUT")
        return True

    printed = play(data_dir, server, PLAY + WAIT + FETCH_PIN, verbosity=3, event_handler=approve_after_the_first_look)
    # The events come while the wait goes on: without, nothing would have been approved.
    first, last = (re.sub(r"\x1b\[[\d;]*m", "", line).partition(WAIT_LINE)[2] for line in progress)
    assert first.startswith(f"0 reached, {HOSTS} open ({HOSTS} Pending)")
    assert last.startswith(f"{HOSTS} reached, 0 open")
    # One poll loop: a loop for each host would have made as many calls in its first look. By which calls the second
    # look finds what became of the requests depends on what each has cost.
    total = server.call("calls")["by_operation"]
    assert calls == [{"GET /requests": 1, "GET /requests/{id}": 1}]
    assert total.pop(PIN_CALL) == HOSTS
    assert 3 <= sum(total.values()) < 2 * HOSTS
    assert AS_A_MODULE not in printed
    assert pins_in(data_dir) == {f"host{i:02d}": f"{PIN}{i:02d}" for i in range(HOSTS)}
    assert_no_secret(data_dir, guid(1, 0))


def test_a_module_of_its_own_process_keeps_its_pin_too(data_dir: Path, server: Running) -> None:
    environment = FETCH_PIN.replace("      register:", "      environment:\n        LANG: C\n      register:")
    printed = play(data_dir, server, PLAY + environment, verbosity=3, limit="host07")
    assert printed.count(f"mimcm_smartcard_pin: {AS_A_MODULE}") == 1
    assert server.call("calls")["by_operation"] == {PIN_CALL: 1}
    assert pins_in(data_dir) == {"host07": f"{PIN}07"}
    assert_no_secret(data_dir, "host07")

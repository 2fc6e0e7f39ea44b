# Copyright: (c) 2026, CertOps contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Known findings in a known world, on the reference server; and what later runs make of them."""

from __future__ import annotations

import csv
import datetime
import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from ansible_collections.certops.mimcm.plugins.module_utils._mimcm.compliance import formats
from ansible_collections.certops.mimcm.plugins.modules import mimcm_compliance
from ansible_collections.certops.mimcm.tests.unit import helpers

TEMPLATE = "bbbbbbbb-0000-4000-8000-000000000001"
COLLECTING = "bbbbbbbb-0000-4000-8000-000000000002"


def request_id(number: int) -> str:
    return f"11111111-0000-4000-8000-{number:012d}"


def card_id(number: int) -> str:
    return f"22222222-0000-4000-8000-{number:012d}"


def thumbprint(number: int) -> str:
    return f"{number:040X}"


REQUESTS: list[dict[str, Any]] = [
    {"id": request_id(1), "status": "Pending", "submitted": 6.9},
    {"id": request_id(2), "status": "Pending", "submitted": 7.1},
    {"id": request_id(3), "status": "Approved", "submitted": 13.9},
    {"id": request_id(4), "status": "Approved", "submitted": 14.1},
    {"id": request_id(5), "status": "Executing", "submitted": 7.1, "smartcard": card_id(4)},
    {"id": request_id(6), "status": "Executing", "submitted": 6.9},
    {"id": request_id(7), "status": "Denied", "submitted": 90, "completed": 29},
    {"id": request_id(8), "status": "Failed", "submitted": 90, "completed": 31},
    {"id": request_id(9), "status": "Canceled", "submitted": 9, "completed": 1},
    {"id": request_id(10), "status": "Completed", "submitted": 90, "completed": 80, "smartcard": card_id(1)},
    {"id": request_id(11), "status": "Completed", "submitted": 90, "completed": 80, "smartcard": card_id(2)},
    {"id": request_id(12), "status": 42, "submitted": 90},
    {"id": request_id(13), "status": "Completed", "type": 77},
    {"id": request_id(14), "status": "Pending", "data_collection": {"Cost centre": None, "Floor": "3"}},
    {"id": request_id(15), "status": "Pending", "data_collection": {"Cost centre": "4711"}},
    {"id": request_id(16), "status": "Pending", "profile_template": COLLECTING},
    {"id": request_id(17), "status": "Approved", "enrollment_agent": True},
    {"id": request_id(18), "status": "Completed", "data_collection": {"Cost centre": None}, "enrollment_agent": True},
]
CARDS: list[dict[str, Any]] = [
    {"id": card_id(1), "status": "Active"},
    {"id": card_id(2), "status": "Disabled"},
    {"id": card_id(3), "status": "Active"},
    {"id": card_id(4), "status": "Assigned"},
    {"id": card_id(5), "status": "Retired"},
    {"id": card_id(6), "status": 55},
    {"id": card_id(7), "status": "New"},
]
WORLD: dict[str, Any] = {
    "profile_templates": [
        {"id": TEMPLATE, "name": "Cards"},
        {"id": COLLECTING, "name": "More", "policies": {"Enroll": {"data_collection": [{"name": "Cost centre"}]}}},
    ],
    "requests": [{"profile_template": TEMPLATE, **request} for request in REQUESTS],
    "smartcards": [{**card, "card_id": card["id"].replace("2222", "3333")} for card in CARDS],
    "profiles": [
        {"id": "44444444-0000-4000-8000-000000000001", "template": TEMPLATE},
        {"id": "44444444-0000-4000-8000-000000000002", "template": TEMPLATE, "status": "Suspended"},
    ],
    "certificates": [
        {"smartcard": card_id(1), "thumbprint": thumbprint(1), "not_after": -2, "template_name": "Logon"},
        {"smartcard": card_id(1), "thumbprint": thumbprint(2), "not_after": 29, "template_name": "Logon"},
        {"smartcard": card_id(2), "thumbprint": thumbprint(3), "not_after": 31, "template_name": "Logon"},
        {"smartcard": card_id(2), "thumbprint": thumbprint(4), "template_name": "Old", "mine": False},
        {"smartcard": card_id(5), "thumbprint": thumbprint(5), "template_name": "Old", "mine": False},
    ],
}
EXPECTED = {
    ("pending-too-long", request_id(2)),
    ("approved-not-executed", request_id(4)),
    ("executing-too-long", request_id(5)),
    ("failed-or-denied", request_id(7)),
    ("missing-data-collection", request_id(14)),
    ("missing-data-collection", request_id(16)),
    ("enrollment-agent-needed", request_id(17)),
    ("certificate-expired", thumbprint(1)),
    ("certificate-expires-soon", thumbprint(2)),
    ("smartcard-disabled-assigned", card_id(2)),
    ("smartcard-without-request", card_id(3)),
    ("smartcard-without-request", card_id(6)),
    ("unknown-request-status", request_id(12)),
    ("unknown-request-status", request_id(13)),
    ("unknown-smartcard-status", card_id(6)),
    ("unknown-profile-status", "44444444-0000-4000-8000-000000000002"),
}


@pytest.fixture
def world(server: Any) -> Any:
    put(server, WORLD)
    return server


def put(server: Any, scenario: dict[str, Any]) -> None:
    answer = requests.put(f"{server.control}/scenario", json=scenario, timeout=5)
    assert answer.status_code == 204, answer.text


def check(server: Any, check_mode: bool = False, **given: Any) -> dict[str, Any]:
    return helpers.run(mimcm_compliance, server, check_mode, **given)


def ours(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """The findings in this world; the server has the documented objects too."""
    mine = {item["id"] for kind in ("requests", "smartcards", "profiles") for item in WORLD[kind]}
    mine |= {certificate["thumbprint"] for certificate in WORLD["certificates"]}
    return {(one["rule"], one["object"]) for one in found if one["object"] in mine}


def test_known_findings_are_found_and_no_others(world: Any) -> None:
    result = check(world)
    assert not result.get("failed"), result
    assert ours(result["findings"]) == EXPECTED
    assert not result["changed"], "nothing to compare with"
    severities = [one["severity"] for one in result["findings"]]
    assert severities == sorted(severities, key=["critical", "high", "medium", "low", "info"].index)
    assert sum(rule["findings"] for rule in result["rules"]) == len(result["findings"])


def test_each_list_is_read_once_and_certificates_of_cards_in_use_only(world: Any) -> None:
    requests.post(f"{world.control}/reset-calls", timeout=5)
    check(world)
    calls = requests.get(f"{world.control}/calls", timeout=5).json()["by_operation"]
    assert [calls[f"GET /{name}"] for name in ("requests", "smartcards", "profiles", "certificates")] == [1, 1, 1, 1]
    # Of this world's seven cards two are Retired or New; three are documented.
    assert calls["GET /smartcards/{id}/certificates"] == 5 + 3
    requests.post(f"{world.control}/reset-calls", timeout=5)
    check(world, certificates="own")
    calls = requests.get(f"{world.control}/calls", timeout=5).json()["by_operation"]
    assert "GET /smartcards/{id}/certificates" not in calls


@pytest.mark.parametrize("kind", [{"kind": "status", "status": 403}, {"kind": "html"}, {"kind": "unauthorized"}])
def test_a_card_whose_certificates_cannot_be_read_is_told_and_hides_no_finding(
    world: Any, tmp_path: Path, kind: dict[str, Any]
) -> None:
    fault = {**kind, "match": f"smartcards/{card_id(3)}/certificates"}
    requests.post(f"{world.control}/faults", json=fault, timeout=5).raise_for_status()
    result = check(world, report=str(tmp_path / "report.json"))
    assert result["failed"]
    assert f"incomplete, because 1 object could not be read: smartcard {card_id(3)}" in result["msg"]
    assert [(one["about"], one["object"]) for one in result["unreadable"]] == [("smartcard", card_id(3))]
    assert ours(result["findings"]) == EXPECTED
    assert json.loads((tmp_path / "report.json").read_text())["unreadable"] == result["unreadable"]
    reported = check(world, on_unreadable="report")
    assert not reported.get("failed")
    assert any("incomplete" in warning for warning in reported["warnings"])


def test_only_what_rules_are_about_is_read(world: Any) -> None:
    requests.post(f"{world.control}/reset-calls", timeout=5)
    own = {"title": "All", "about": "request", "select": "[?priority == `0`]"}
    result = check(world, policy={"defaults": False, "rules": {"mine": own}})
    calls = requests.get(f"{world.control}/calls", timeout=5).json()["by_operation"]
    assert calls == {"GET /requests": 1}
    assert result["summary"]["smartcards"] is result["summary"]["profiles"] is result["summary"]["certificates"] is None
    assert len(result["findings"]) == result["summary"]["requests"]["total"]


def test_unwanted_certificate_templates(world: Any) -> None:
    policy: dict[str, Any] = {"rules": {"certificate-template": {"parameters": {"unwanted": ["Old"]}}}}
    found = ours(check(world, policy=policy)["findings"])
    assert {one for one in found if one[0] == "certificate-template"} == {("certificate-template", thumbprint(4))}
    policy["rules"]["certificate-template"]["parameters"] = {"allowed": ["Old"]}
    found = ours(check(world, policy=policy)["findings"])
    assert {("certificate-template", thumbprint(number)) for number in (1, 2, 3)} <= found
    assert ("certificate-template", thumbprint(4)) not in found


def test_an_unchanged_world_leaves_unchanged_files(world: Any, tmp_path: Path) -> None:
    files = {name: str(tmp_path / name) for name in ("report", "junit", "sarif", "csv")}
    first = check(world, **files)
    assert first["changed"]
    assert {one["status"] for one in first["findings"]} == {"new"}
    before = {name: (path.read_bytes(), path.stat().st_mtime_ns) for name, path in paths(files).items()}
    assert {path.stat().st_mode & 0o777 for path in paths(files).values()} == {0o600}
    second = check(world, **files)
    assert not second["changed"]
    assert before == {name: (path.read_bytes(), path.stat().st_mtime_ns) for name, path in paths(files).items()}
    # In the same order too, because pages are made of it.
    shown = [
        json.dumps({key: result[key] for key in result if key not in ("changed", "diff")}) for result in (first, second)
    ]
    assert shown[0] == shown[1]


def paths(files: dict[str, str]) -> dict[str, Path]:
    return {name: Path(path) for name, path in files.items()}


def test_what_came_and_what_went(world: Any, tmp_path: Path, later: Callable[[float], None]) -> None:
    report = str(tmp_path / "report.json")
    first = check(world, report=report)
    # Only numbers change: the file is brought up to date, and nothing is reported as changed.
    put(world, {**WORLD, "requests": [*WORLD["requests"], {"id": request_id(90), "status": "Completed"}]})
    same = check(world, report=report)
    assert not same["changed"]
    assert (
        json.loads(Path(report).read_text())["summary"]["requests"]["total"]
        == first["summary"]["requests"]["total"] + 1
    )
    assert {one["status"] for one in same["findings"]} == {"known"}
    # One is resolved, one is new.
    moved = [request for request in WORLD["requests"] if request["id"] != request_id(2)]
    put(
        world, {**WORLD, "requests": [*moved, {"id": request_id(91), "status": "Denied", "profile_template": TEMPLATE}]}
    )
    third = check(world, report=report)
    assert third["changed"]
    assert [(one["rule"], one["object"]) for one in third["resolved"]] == [("pending-too-long", request_id(2))]
    assert [(one["rule"], one["object"]) for one in third["findings"] if one["status"] == "new"] == [
        ("failed-or-denied", request_id(91))
    ]
    assert third["previous_generated"] == same["generated"]
    known = {one["fingerprint"]: one["first_seen"] for one in first["findings"]}
    assert all(one["first_seen"] == known[one["fingerprint"]] for one in third["findings"] if one["status"] != "new")
    # Time alone makes findings too.
    later(31)
    fourth = check(world, report=report)
    assert fourth["changed"]
    assert ("failed-or-denied", request_id(91)) in {(one["rule"], one["object"]) for one in fourth["resolved"]}
    assert ("pending-too-long", request_id(1)) in ours(fourth["findings"])


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the module's clock by days."""
    original = datetime.datetime

    def move(days: float) -> None:
        class Later(original):
            @classmethod
            def now(cls, tz: Any = None) -> datetime.datetime:
                return original.now(tz) + datetime.timedelta(days=days)

        monkeypatch.setattr(mimcm_compliance.datetime, "datetime", Later)

    return move


def test_what_was_edited_in_the_report_accepts_nothing(world: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    first = check(world, report=str(report))
    report.write_text(report.read_text().replace('"status": "new"', '"status": "accepted"'))
    second = check(world, report=str(report), fail_on="info")
    assert set(second["failing"]) == {one["fingerprint"] for one in first["findings"]}
    assert {one["status"] for one in second["findings"]} == {"known"}
    report.write_text(report.read_text().replace('"severity": "high"', '"severity": "low"'))
    third = check(world, report=str(report))
    assert [one["severity"] for one in third["findings"]] == [one["severity"] for one in first["findings"]]


@pytest.mark.parametrize("key", ["rules", "server", "summary", "previous_generated"])
def test_what_is_missing_in_the_report_is_written_again(world: Any, tmp_path: Path, key: str) -> None:
    report = tmp_path / "report.json"
    check(world, report=str(report))
    record = json.loads(report.read_text())
    del record[key]
    report.write_text(json.dumps(record))
    result = check(world, report=str(report))
    assert not result.get("failed")
    assert key in result
    assert not result["changed"]


def test_numbers_that_time_alone_changes_are_brought_up_to_date(
    world: Any, tmp_path: Path, later: Callable[[float], None]
) -> None:
    report = tmp_path / "report.json"
    own = {"title": "Mine", "about": "request", "select": "[?status == 'Denied']"}
    given = {"report": str(report), "policy": {"defaults": False, "rules": {"mine": own}}}
    first = check(world, **given)
    later(200)
    second = check(world, **given)
    assert not second["changed"]
    assert second["summary"]["requests"]["ages"][-1]["count"] > first["summary"]["requests"]["ages"][-1]["count"]
    assert json.loads(report.read_text())["summary"] == second["summary"]


def test_check_mode_writes_nothing_and_predicts(world: Any, tmp_path: Path) -> None:
    files = {name: str(tmp_path / name) for name in ("report", "junit", "sarif", "csv")}
    assert check(world, check_mode=True, **files)["changed"]
    assert list(tmp_path.iterdir()) == []
    # The folder may be made by a task before, which does not do it in check mode either.
    assert check(world, check_mode=True, report=str(tmp_path / "none" / "report"))["changed"]


def test_only_what_is_not_accepted_fails(world: Any, tmp_path: Path) -> None:
    report, baseline = tmp_path / "report.json", tmp_path / "baseline.json"
    given = {"report": str(report), "baseline": str(baseline), "fail_on": "high"}
    first = check(world, **given)
    assert first["failed"]
    assert first["warnings"] == [f"baseline: {baseline} does not exist, so no finding is accepted."]
    assert "findings of severity high or above are not accepted" in first["msg"]
    assert set(first["failing"]) == {one["fingerprint"] for one in first["findings"] if one["severity"] == "high"}
    assert report.exists(), "what fails is written down first"
    baseline.write_bytes(report.read_bytes())
    second = check(world, **given)
    assert not second.get("failed")
    assert {one["status"] for one in second["findings"]} == {"accepted"}
    put(
        world,
        {
            **WORLD,
            "smartcards": [*WORLD["smartcards"], {"id": card_id(80), "card_id": card_id(81), "status": "Active"}],
        },
    )
    third = check(world, **given)
    assert third["msg"].startswith(f"A finding is not accepted: smartcard-without-request for smartcard {card_id(80)};")
    (new,) = third["failing"]
    baseline.write_text(json.dumps([*(one["fingerprint"] for one in second["findings"]), new]))
    assert not check(world, **given).get("failed")
    assert not check(world, fail_on="critical").get("failed")
    assert check(world, fail_on="info")["failed"]


@pytest.mark.parametrize(
    ("option", "content", "said"),
    [
        ("report", "[]", "report: .* was not written by this module; remove it, or choose another file"),
        ("report", "not JSON", "report: .* was not written"),
        ("report", '{"version": 1, "generated": "x", "findings": [{"fingerprint": "x"}]}', "was not written"),
        ("report", '{"version": 2, "generated": "x", "findings": []}', "was not written"),
        ("baseline", "{}", "baseline: .* is neither a JSON list of fingerprints nor a report"),
        ("baseline", "[1]", "baseline: .* is neither"),
    ],
)
def test_a_file_of_somebody_else_is_left_alone(
    server: Any, tmp_path: Path, option: str, content: str, said: str
) -> None:
    path = tmp_path / "file.json"
    path.write_text(content)
    result = check(server, **{option: str(path)})
    assert result["failed"]
    assert re.search(said, result["msg"])
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            {"report": "/nonexistent/report.json"},
            "report: the folder /nonexistent does not exist; create it first",
        ),
        ({"report": "x.json", "csv": "./x.json"}, "report, csv must be different files."),
        ({"mode": "u=rw"}, "mode must be an octal number in quotes such as '0600'."),
        ({"mode": "77777"}, "mode must be an octal number in quotes such as '0600'."),
        ({"policy": {"rules": {"mine": {}}}}, "policy: rule mine: title and about and select must be set"),
    ],
)
def test_what_is_wrong_is_said_before_the_server_is_asked(server: Any, given: dict[str, Any], said: str) -> None:
    requests.post(f"{server.control}/reset-calls", timeout=5)
    result = check(server, **given)
    assert said in result["msg"]
    assert requests.get(f"{server.control}/calls", timeout=5).json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "rules"), [("^/smartcards$", "smartcard-"), ("^/profiles$", "unknown-profile-status")]
)
def test_what_may_not_be_read_fails_and_names_the_rules(world: Any, path: str, rules: str) -> None:
    requests.post(f"{world.control}/faults", json={"kind": "status", "status": 403, "match": path}, timeout=5)
    result = check(world, certificates="own")
    assert "(403)" in result["msg"]
    assert "or disable the rules" in result["msg"]
    assert rules in result["msg"]
    assert "findings" not in result


def test_a_policy_that_cannot_be_read_leaves_the_servers_word(world: Any) -> None:
    requests.post(f"{world.control}/faults", json={"kind": "status", "status": 403, "match": "/policies/"}, timeout=5)
    found = {one[1] for one in ours(check(world)["findings"]) if one[0] == "missing-data-collection"}
    assert {request_id(number) for number in (1, 14, 16)} <= found
    assert request_id(15) not in found


def test_junit(world: Any, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    first = check(world)
    baseline.write_text(json.dumps([first["findings"][0]["fingerprint"]]))
    result = check(world, junit=str(tmp_path / "junit.xml"), baseline=str(baseline))
    root = ElementTree.parse(tmp_path / "junit.xml").getroot()
    (suite,) = root
    cases = list(suite)
    clean = sum(not rule["findings"] for rule in result["rules"])
    assert int(suite.attrib["tests"]) == len(cases) == len(result["findings"]) + clean
    assert (
        int(suite.attrib["failures"])
        == sum(case.find("failure") is not None for case in cases)
        == len(result["findings"]) - 1
    )
    assert sum(case.find("skipped") is not None for case in cases) == 1
    named = {(case.attrib["classname"], case.attrib["name"]) for case in cases}
    assert ("mimcm.pending-too-long", f"request {request_id(2)}") in named
    assert len(named) == len(cases)


def test_sarif(world: Any, tmp_path: Path) -> None:
    report, sarif = tmp_path / "report.json", tmp_path / "report.sarif"
    check(world, report=str(report))
    moved = [request for request in WORLD["requests"] if request["id"] != request_id(2)]
    put(world, {**WORLD, "requests": moved})
    result = check(world, report=str(report), sarif=str(sarif))
    log = json.loads(sarif.read_text(encoding="utf-8"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    ids = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert ids == [rule["rule"] for rule in result["rules"]]
    assert len(run["results"]) == len(result["findings"]) + 1
    for entry in run["results"]:
        assert ids[entry["ruleIndex"]] == entry["ruleId"]
        assert entry["level"] in ("error", "warning", "note")
        assert entry["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert [entry["ruleId"] for entry in run["results"] if entry["baselineState"] == "absent"] == ["pending-too-long"]


def test_csv_is_a_table_and_no_formula(world: Any, tmp_path: Path) -> None:
    own = {"title": "=1+1", "about": "request", "select": "[?status == 'Denied']", "reason": '@SUM(1), "quoted"\nline'}
    result = check(world, csv=str(tmp_path / "x.csv"), policy={"defaults": False, "rules": {"mine": own}})
    rows = list(csv.DictReader((tmp_path / "x.csv").open(encoding="utf-8-sig", newline="")))
    assert len(rows) == len(result["findings"]) == 1
    assert next(iter(rows[0])) == "severity"
    assert (rows[0]["title"], rows[0]["reason"]) == ("'=1+1", '\'@SUM(1), "quoted"\nline')


def table_with(world: Any, tmp_path: Path, reason: str) -> str:
    own = {"title": "Jürgen Groß", "about": "request", "select": "[?status == 'Denied']", "reason": reason}
    check(world, csv=str(tmp_path / "x.csv"), policy={"defaults": False, "rules": {"mine": own}})
    return (tmp_path / "x.csv").read_bytes().decode()


def test_csv_says_that_it_is_utf_8(world: Any, tmp_path: Path) -> None:
    text = table_with(world, tmp_path, "Łódź")
    assert text.startswith("\ufeffseverity,rule,title,")
    assert "Łódź" in text
    assert text.count("\ufeff") == 1


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66"])
@pytest.mark.parametrize(
    "before", ["", "a;", "a\t", "a|", "a\n", "a\r", "a; ", 'a;"', "a;\u200b", "\t", "\r", " ", "a;;b;\xa0"]
)
def test_no_separator_makes_a_formula_of_a_cell(world: Any, tmp_path: Path, before: str, first: str) -> None:
    text = table_with(world, tmp_path, f"{before}{first}1+1")
    # As spreadsheets read it that separate by anything but a comma, and as those that know our quotes.
    read = list(csv.reader(text.lstrip("\ufeff").splitlines(keepends=True)))
    cells = [cell for row in read for cell in row] + re.split(r"[;|\t\r\n]", text)
    assert [
        cell for cell in cells if unicodedata.normalize("NFKC", cell.strip(' "\u200b\xa0'))[:1] in tuple("=+-@")
    ] == []
    assert {len(row) for row in read} == {9}


@pytest.mark.parametrize("reason", ["CN=Web,OU=IT", "a-b; c", "1+1=2", "erika@contoso.com", "x, -5"])
def test_what_is_no_formula_stays_as_it_is(world: Any, tmp_path: Path, reason: str) -> None:
    text = table_with(world, tmp_path, reason)
    (row,) = csv.DictReader(text.lstrip("\ufeff").splitlines())
    assert row["reason"] == reason


def test_the_time_to_look_for_formulas_grows_with_the_text_alone(world: Any, tmp_path: Path) -> None:
    """With time that grew with its square, this would not end."""
    for text in (";" * 1_000_000, " " * 1_000_000, "\t" * 1_000_000, "; " * 500_000):
        assert len(formats._cell(text)) <= len(text) + 1


def test_sarif_makes_no_link_of_a_name(world: Any, tmp_path: Path) -> None:
    own = {
        "title": "[a](b)",
        "about": "request",
        "select": "[?status == 'Denied']",
        "reason": r"[x](https://e.test) \ y",
    }
    check(world, sarif=str(tmp_path / "x.sarif"), policy={"defaults": False, "rules": {"mine": own}})
    (found,) = json.loads((tmp_path / "x.sarif").read_text())["runs"]
    assert found["results"][0]["message"]["text"].endswith(r": \[x\](https://e.test) \\ y")
    assert found["tool"]["driver"]["rules"][0]["shortDescription"]["text"] == r"\[a\](b)"


def test_what_xml_cannot_hold(world: Any, tmp_path: Path) -> None:
    own = {"title": "A \x01 & <b>", "about": "request", "select": "[?status == 'Denied']", "reason": "\x0b]]>\ufffe"}
    check(world, junit=str(tmp_path / "x.xml"), policy={"defaults": False, "rules": {"mine": own}})
    case = ElementTree.parse(tmp_path / "x.xml").getroot()[0][0]
    assert case.find("failure").attrib["message"] == "\ufffd]]>\ufffd"  # type: ignore[union-attr]


def test_the_numbers_add_up(world: Any) -> None:
    summary = check(world)["summary"]
    for kind in ("requests", "smartcards", "profiles"):
        assert sum(entry["count"] for entry in summary[kind]["by_status"]) == summary[kind]["total"]
    assert sum(entry["count"] for entry in summary["requests"]["by_type"]) == summary["requests"]["total"]
    for part in ("by_template", "expiry"):
        assert sum(entry["count"] for entry in summary["certificates"][part]) == summary["certificates"]["total"]
    assert {"name": "unknown (42)", "count": 1} in summary["requests"]["by_status"]
    assert sum(entry["count"] for entry in summary["findings"]["by_severity"]) == summary["findings"]["total"]

"""Every check has a table on which it speaks with all its evidence, and every fix that it offers does help."""

import pytest

from mixmodel_app.domain.findings import Finding, Severity
from mixmodel_app.ingest.repair import apply_fix
from mixmodel_app.ingest.report import all_checks, validate
from mixmodel_app.ingest.table import Table
from tests.unit.ingest.check_cases import CASES, Firing
from tests.unit.ingest.check_tables import MAPPING, market, speaks

WITHOUT_FIX = frozenset(
    {
        "MM101", "MM102", "MM105", "MM106", "MM108", "MM203", "MM204", "MM207", "MM208", "MM209",
        "MM212", "MM213", "MM216", "MM217", "MM217 outcome", "MM218", "MM219 channels", "MM223", "MM224",
        "MM225", "MM226", "MM301", "MM302", "MM303", "MM305", "MM307", "MM308",
    }
)  # fmt: skip
"""Nothing that one click can do helps here: the figures must come from the person, or from another plan of media."""
WITHOUT_COLUMN = frozenset(("MM207", "MM302", "MM309"))


def findings(code: str, case: Firing) -> list[Finding]:
    return speaks(code, case.frame, case.mapping, previous=case.previous, today=case.today)


def test_every_check_has_a_table_on_which_it_speaks_and_one_on_which_none_does() -> None:
    assert {name[:5] for name in CASES} == {check.code for check in all_checks()}
    assert validate(Table.of(market(208)), MAPPING).findings == ()


@pytest.mark.parametrize("name", CASES)
def test_a_finding_says_what_where_why_and_what_to_do(name: str) -> None:
    code, case = name[:5], CASES[name]()
    found = findings(code, case)
    assert found, code
    for finding in found:
        assert finding.message.endswith(".")
        assert finding.hint.endswith(".")
        assert finding.effect.endswith(".")
        assert (finding.column is None) == (code in WITHOUT_COLUMN)
        assert finding.column is None or finding.column in case.mapping.columns() or code == "MM306"
        assert set(finding.rows) <= set(range(2, len(case.frame) + 2))
        assert not finding.rows or str(finding.rows[0]) in finding.message
    assert bool([fix for finding in found for fix in finding.fixes]) == (name not in WITHOUT_FIX)


@pytest.mark.parametrize("name", [name for name in CASES if name not in WITHOUT_FIX])
def test_every_offered_fix_is_taken_and_the_finding_is_gone_or_smaller(name: str) -> None:
    code, case = name[:5], CASES[name]()
    table = Table.of(case.frame)
    before = findings(code, case)
    for fix in [fix for finding in before for fix in finding.fixes]:
        done = apply_fix(table, case.mapping, fix.kind, fix.arguments)
        assert not done.change.is_nothing, fix
        assert fix.label
        after = findings(code, Firing(done.table.frame, done.mapping, case.previous, case.today))
        assert _size(after) < _size(before), (fix, after)


def _size(found: list[Finding]) -> tuple[int, int, int]:
    """How many findings there are, how many rows they name, and how many fixes they still offer."""
    return len(found), sum(len(finding.rows) for finding in found), sum(len(finding.fixes) for finding in found)


def test_errors_block_and_the_others_do_not() -> None:
    for name, case in CASES.items():
        severity = all_checks().get(name[:5]).severity
        made = case()
        assert validate(Table.of(made.frame), made.mapping).is_valid == (severity is not Severity.ERROR), name

"""Repairs of a dataset: tried, made, taken back, and made again on the next version."""

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.dataset import ColumnMapping, ColumnRole, Detection
from mixmodel_app.domain.errors import Conflict, InvalidInput
from mixmodel_app.domain.fixes import AppliedFix, FixOffer, SkippedFix, log_of
from mixmodel_app.domain.mapping_changes import roles, take_back
from mixmodel_app.ingest.profile import profile
from mixmodel_app.ingest.repair import Repaired, apply_fix, replay
from mixmodel_app.ingest.table import Table
from mixmodel_app.services import dataset_rows, dataset_tables, dataset_versions
from mixmodel_app.storage import cache, models
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.repositories import accounts as accounts_repository
from mixmodel_app.storage.repositories import datasets as repository


def preview(principal: Principal, dataset_id: UUID, kind: object, arguments: object) -> dict[str, Any]:
    """What a fix would do, as `Change.to_json` gives it; nothing is stored.

    Raises:
        InvalidInput: the fix or its arguments are wrong, or the data do not allow it.
        Conflict: no mapping has been set.
    """
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    return apply_fix(dataset_tables.current(row), dataset_rows.mapping_of(row), kind, arguments).change.to_json()


def previews(
    principal: Principal, dataset_id: UUID, offers: Sequence[FixOffer], seconds: float = 1.0
) -> list[dict[str, Any] | None]:
    """What each of several fixes would do by itself; None for one that is refused, or not tried within the time."""
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id)
    table, mapping, end = dataset_tables.current(row), dataset_rows.mapping_of(row), time.monotonic() + seconds
    found: list[dict[str, Any] | None] = []
    for offer in offers:
        try:
            late = time.monotonic() > end
            found.append(None if late else apply_fix(table, mapping, offer.kind, offer.arguments).change.to_json())
        except InvalidInput:
            found.append(None)
    return found


def apply(principal: Principal, dataset_id: UUID, offers: Sequence[FixOffer]) -> dict[str, Any]:
    """Make one or more fixes in turn, check the data anew, and keep a log of what was done.

    A fix that finds nothing to do leaves no entry. All are made, or none.

    Returns:
        `dataset`, and `changes`: what each of the fixes did.

    Raises:
        InvalidInput, Conflict: as `preview`.
    """
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        work = _Work.of(session, principal, row)
        changes = [work.apply(offer.kind, offer.arguments).change for offer in offers]
        work.keep(row)
        dataset_versions.check(session, principal, row, work.table)
        session.add(row)
    cache.drop(cache.stats_key(principal.workspace_id))
    return {"dataset": dataset_rows.to_json(row), "changes": [change.to_json() for change in changes]}


def undo(principal: Principal, dataset_id: UUID) -> dict[str, Any]:
    """Take the last fix back; roles that a person has changed since stay as they are.

    Returns:
        `dataset`, and `undone`: the entry of the log that went away.

    Raises:
        Conflict: there is nothing to take back.
    """
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        log = log_of(row.fixes)
        if not log:
            raise Conflict("No repair is left to take back.")
        work = _Work.of(session, principal, row)
        last, work.log = log[-1], list(log[:-1])
        work.table = replay(dataset_tables.as_read(row), work.log)
        before, after = (ColumnMapping.from_json(raw) for raw in (last.mapping_before, last.mapping_after))
        work.mapping = take_back(work.mapping, before, after, work.table.columns)
        work.keep(row)
        dataset_versions.check(session, principal, row, work.table)
        session.add(row)
    cache.drop(cache.stats_key(principal.workspace_id))
    return {"dataset": dataset_rows.to_json(row), "undone": last.to_json()}


def repeat(principal: Principal, dataset_id: UUID) -> dict[str, Any]:
    """Make the fixes of the version before on this one; those that the new data do not allow are skipped with a reason.

    Raises:
        Conflict: there is no version before, or it had no repairs.
    """
    principal.require(Role.MEMBER)
    with transaction(principal) as session:
        row = repository.get(session, principal, dataset_id, lock=True)
        before = dataset_versions.previous(session, principal, row)
        if before is None or not before.fixes:
            raise Conflict("The version before has no repairs that could be made again.")
        work, skipped = _Work.of(session, principal, row), list[SkippedFix]()
        for entry in log_of(before.fixes):
            try:
                work.apply(entry.kind, entry.arguments)
            except InvalidInput as refused:
                skipped.append(SkippedFix(entry.kind, refused.message))
        work.keep(row)
        dataset_versions.check(session, principal, row, work.table)
        session.add(row)
    cache.drop(cache.stats_key(principal.workspace_id))
    return {"dataset": dataset_rows.to_json(row), "skipped": [fix.to_json() for fix in skipped]}


class _Work:
    """A table, its mapping and its log while fixes are made."""

    def __init__(self, table: Table, mapping: ColumnMapping, log: list[AppliedFix], person: str) -> None:
        self.table, self.mapping, self.log, self.person = table, mapping, log, person

    @classmethod
    def of(cls, session: Session, principal: Principal, row: models.Dataset) -> "_Work":
        person = accounts_repository.user_by_id(session, principal.user_id)
        name = person.full_name if person else ""
        return cls(dataset_tables.current(row), dataset_rows.mapping_of(row), list(log_of(row.fixes)), name)

    def apply(self, kind: object, arguments: object) -> Repaired:
        done = apply_fix(self.table, self.mapping, kind, arguments)
        if not done.change.is_nothing:
            self.log.append(
                AppliedFix(
                    kind=str(kind),
                    arguments=arguments if isinstance(arguments, dict) else {},
                    change=done.change.to_json(),
                    mapping_before=self.mapping.to_json(),
                    mapping_after=done.mapping.to_json(),
                    applied_at=models.now().isoformat(),
                    applied_by=self.person,
                )
            )
            self.table, self.mapping = done.table, done.mapping
        return done

    def keep(self, row: models.Dataset) -> None:
        """Store the table, and let the row say what its columns are now."""
        dataset_tables.store(row, self.table)
        row.fixes = [entry.to_json() for entry in self.log]
        row.profile = row.profile | {
            "columns": [column.to_json() for column in profile(self.table)],
            "detection": _detections(row.profile["detection"], self),
        }
        dataset_rows.set_mapping(row, self.mapping)


def _detections(known: list[dict[str, Any]], work: _Work) -> list[dict[str, Any]]:
    """What was detected, for the columns that are there now; those that a repair made say which."""
    by_column = {entry["column"]: entry for entry in known}
    given = roles(work.mapping)
    made = {column: entry.change["sentence"] for entry in work.log for column in entry.change["columns"]}
    ignored = (ColumnRole.IGNORED, None)
    return [
        by_column.get(column)
        or Detection(column, given.get(column, ignored)[0], 1.0, made.get(column, "Made by a repair.")).to_json()
        for column in work.table.columns
    ]

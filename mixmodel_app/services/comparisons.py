"""Two runs compared, and a run made again on the newest version of its data."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.comparison import Comparison, changed_settings, compare
from mixmodel_app.domain.dataset import ColumnMapping, DatasetStatus, Frequency
from mixmodel_app.domain.errors import Conflict
from mixmodel_app.domain.estimates import HDI_PROB
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.ingest.difference import difference
from mixmodel_app.services import dataset_tables, results, runs
from mixmodel_app.storage import models
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.storage.repositories import runs as repository
from mixmodel_app.wording import comparisons as wording
from mixmodel_app.wording.versions import change_sentences

_CHANCE = frozenset({"random_seed"})
"""Settings that are no decision: they say nothing about why answers differ."""


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Both runs as the API gives them, their results, and how they differ, `before` being the older one."""

    before: dict[str, Any]
    after: dict[str, Any]
    before_results: ModelResults
    after_results: ModelResults
    found: Comparison
    verdict: str
    reasons: list[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "verdict": self.verdict,
            "reasons": self.reasons,
            **self.found.to_json(),
        }


def compared(principal: Principal, first: UUID, second: UUID, level: float = HDI_PROB) -> RunComparison:
    """Two finished runs of the workspace, in whichever order they are named, with ranges of `level`.

    Raises:
        NotFound: one of them does not exist in the workspace.
        Conflict: one of them has no results, or both are the same.
    """
    if first == second:
        raise Conflict("Choose two different runs to compare.")
    older, newer = sorted((runs.get(principal, run_id) for run_id in (first, second)), key=_age)
    ids = UUID(older["id"]), UUID(newer["id"])
    before, after = (results.get(principal, run_id).at(level) for run_id in ids)
    found = compare(before, after, changed_settings(_decisions(older["config"]), _decisions(newer["config"])))
    data = [] if found.same_data else _data_changes(principal, *ids)
    return RunComparison(older, newer, before, after, found, wording.verdict(found), wording.reasons(found, data))


def refresh(principal: Principal, run_id: UUID) -> dict[str, Any]:
    """Start the same settings, seed included, on the newest checked version of the run's data.

    Raises:
        Conflict: there is no newer version, or it has not been checked or has errors.
    """
    principal.require(Role.MEMBER)
    run, newest = _with_newest(principal, run_id)
    if not _is_newer(run, newest):
        raise Conflict(
            "There are no newer data for this run.", hint="Upload a new version of its dataset, or repair it, first."
        )
    if newest.status != DatasetStatus.VALIDATED.value:
        raise Conflict(
            f"{newest.filename} has not been checked, or has errors.", hint="Confirm its columns and check it first."
        )
    return runs.start(principal, newest.id, f"{run.name}, refreshed"[:255], run.config)


def _age(head: dict[str, Any]) -> tuple[str, str]:
    """Ids follow time as well, and tell apart what was made in the same instant."""
    return head["created_at"], head["id"]


def newer_data(principal: Principal, run_id: UUID) -> str | None:
    """One sentence when the data of a run have a newer version that can be fitted, or were repaired since."""
    run, newest = _with_newest(principal, run_id)
    if not _is_newer(run, newest) or newest.status != DatasetStatus.VALIDATED.value:
        return None
    if newest.id == run.dataset_id:
        return "The data of this run were repaired after it was started."
    return f"There are newer data: {newest.filename}, version {newest.version}."


def _with_newest(principal: Principal, run_id: UUID) -> tuple[models.ModelRun, models.Dataset]:
    """A run, and the newest version of its data."""
    with transaction(principal) as session:
        run = repository.head(session, principal, run_id)
        return run, datasets_repository.newest_version(session, principal, run.dataset_id)


def _is_newer(run: models.ModelRun, newest: models.Dataset) -> bool:
    return newest.id != run.dataset_id or newest.table_key != (run.table_key or newest.table_key)


def _decisions(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in _CHANCE}


def _data_changes(principal: Principal, older: UUID, newer: UUID) -> list[str]:
    """What the data of the newer run have that those of the older one had not, in sentences."""
    with transaction(principal) as session:
        heads = [repository.head(session, principal, run_id) for run_id in (older, newer)]
        rows = [datasets_repository.get(session, principal, head.dataset_id) for head in heads]
    before, after = (dataset_tables.of_run(head, row) for head, row in zip(heads, rows, strict=True))
    changes = difference(before, after, ColumnMapping.from_json(heads[1].column_mapping, after.columns))
    return change_sentences(changes.to_json(), Frequency(rows[1].frequency).period)

"""Files for whoever audits a run: its draws as a table, and a notebook that computes its numbers again."""

from collections.abc import Iterator
from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.audit_log import Action
from mixmodel_app.exports.draws import draws_parquet
from mixmodel_app.exports.notebook import notebook as make_notebook
from mixmodel_app.services import audit_log, results, runs
from mixmodel_app.services.dataset_downloads import Download, TableFormat

_NOTEBOOK = "application/x-ipynb+json"


def model(principal: Principal, run_id: UUID) -> tuple[str, Iterator[bytes]]:
    """File name and content of the model's NetCDF file.

    Raises:
        Conflict: the run is not completed.
    """
    name, chunks = runs.artifact(principal, run_id)
    audit_log.note(principal, Action.EXPORTED, f"model of run {run_id}")
    return name, chunks


def draws(principal: Principal, run_id: UUID) -> Download:
    """Every posterior draw of every parameter as Parquet.

    Raises:
        Conflict: the run is not completed.
    """
    name, chunks = runs.artifact(principal, run_id)
    content = draws_parquet(b"".join(chunks))
    audit_log.note(principal, Action.EXPORTED, f"draws of run {run_id}")
    return Download(f"{name.removesuffix('.nc')}-draws.parquet", content, TableFormat.PARQUET.media_type)


def notebook(principal: Principal, run_id: UUID) -> Download:
    """A notebook that opens the model file under the name that it is downloaded with.

    Raises:
        Conflict: the run is not completed.
    """
    model_file, _ = runs.artifact(principal, run_id)
    run, found = runs.get(principal, run_id), results.get(principal, run_id)
    audit_log.note(principal, Action.EXPORTED, f"notebook of run {run_id}")
    content = make_notebook(found, run["config"], run["name"], model_file)
    return Download(f"{model_file.removesuffix('.nc')}.ipynb", content, _NOTEBOOK)

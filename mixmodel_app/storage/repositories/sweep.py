"""What every workspace keeps in the storage, for the janitor, who serves all of them."""

from sqlmodel import Session, select

from mixmodel_app.storage.models import Dataset, ModelRun


def tables(session: Session) -> set[str]:
    """Keys of all tables that a dataset or a run points at."""
    of_datasets = session.exec(select(Dataset.table_key, Dataset.read_key)).all()
    of_runs = session.exec(select(ModelRun.table_key)).all()
    return {key for pair in of_datasets for key in pair if key} | {key for key in of_runs if key}


def other_files(session: Session) -> set[str]:
    """Keys of all raw uploads, models and draws."""
    raw = session.exec(select(Dataset.s3_key)).all()
    of_runs = session.exec(select(ModelRun.model_artifact_s3_key, ModelRun.draws_key)).all()
    return {*raw, *(key for pair in of_runs for key in pair if key)}

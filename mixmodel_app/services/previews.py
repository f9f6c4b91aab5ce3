"""What a model would think of a dataset before seeing it: priors as ranges, computed in the web within a second."""

from uuid import UUID

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import FieldError, FitFailed, InvalidInput
from mixmodel_app.domain.preview import Preview
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.engine import prior_predictive
from mixmodel_app.engine.base import create_engine
from mixmodel_app.engine.spec import ModelSpec, model_spec
from mixmodel_app.ingest.prepare import model_frame
from mixmodel_app.services import dataset_rows, dataset_tables, runs
from mixmodel_app.storage import models
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.repositories import datasets as datasets_repository
from mixmodel_app.wording import numbers


def preview(principal: Principal, dataset_id: UUID, config: object = None) -> Preview:
    """What the priors of `config` say of a validated dataset. Nothing is stored or queued.

    Raises:
        DatasetNotReady: the dataset was not validated or has blocking errors.
        InvalidInput: the configuration has wrong fields, or does not suit the data; names each field.
    """
    principal.require(Role.MEMBER)
    parsed = RunConfig.from_json(config)
    create_engine(parsed).check_config()
    with transaction(principal) as session:
        dataset = runs.validated(datasets_repository.get(session, principal, dataset_id))
    mapping = dataset_rows.mapping_of(dataset)
    with numbers.looking(outcome=mapping.target_kind, target=mapping.target_column):
        return prior_predictive.preview(_spec(dataset, parsed))


def _spec(dataset: models.Dataset, config: RunConfig) -> ModelSpec:
    """The model that a worker would fit."""
    table, mapping = dataset_tables.current(dataset), dataset_rows.mapping_of(dataset)
    engine = create_engine(config)
    engine.check_config(mapping)
    try:
        return model_spec(engine.prepare_data(model_frame(table, mapping), mapping))
    except FitFailed as error:
        raise InvalidInput(
            error.message, hint=error.hint, errors=(FieldError("dataset_id", "cannot carry a model"),)
        ) from error

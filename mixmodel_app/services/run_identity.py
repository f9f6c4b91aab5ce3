"""What determines a fit, as a digest: a finished run with the same one need not be fitted again."""

import hashlib
import json
from typing import Any
from uuid import UUID

from mixmodel_app import __version__
from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.run_config import RunConfig
from mixmodel_app.storage import models
from mixmodel_app.storage.db import transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import runs as repository


def fingerprint(dataset: models.Dataset, config: RunConfig) -> str:
    """Digest of all that determines a fit but its seed: the table's content, the mapping, the settings, the version."""
    settings = {key: value for key, value in config.to_json().items() if key != "random_seed"}
    content = dataset.digest or hashlib.sha256(objects().get(dataset.table_key)).hexdigest()
    facts = json.dumps([content, dataset.column_mapping, settings, __version__], sort_keys=True)
    return hashlib.sha256(facts.encode()).hexdigest()


def request_digest(dataset_id: UUID, name: str | None, config: object) -> str:
    """Digest of what a caller asks for, as it was sent."""
    return hashlib.sha256(json.dumps([str(dataset_id), name, config], sort_keys=True).encode()).hexdigest()


def finished_twin(principal: Principal, digest: str, request: object, config: RunConfig) -> models.ModelRun | None:
    """The newest finished run with this digest; with its seed too, when the request names one."""
    seed: Any = request.get("random_seed") if isinstance(request, dict) else None
    with transaction(principal) as session:
        found = repository.identical(session, principal, digest)
    return next((run for run in found if seed is None or run.config["random_seed"] == config.random_seed), None)

"""Headlines of runs: made where a fit ends, and made anew for runs of older versions, before anybody waits for them."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import structlog

from mixmodel_app import __version__
from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.errors import DamagedFile, MixModelError, NotFound
from mixmodel_app.domain.headline import Headline
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.services.suggestions import headline
from mixmodel_app.storage.db import system_transaction
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import headlines as repository

SHOWN = 5
"""So many of the newest finished runs of a workspace make the numbers of its home page."""

MOST = 20
"""So many are made anew in one pass; the next hour's pass goes on."""

_log = structlog.get_logger(__name__)


def made(results: ModelResults, draws: bytes) -> dict[str, Any]:
    """What to keep beside results, as JSON; without plans when looking for one fails, which costs nobody a fit.

    Args:
        draws: `ResponseDraws`, as they are stored.
    """
    try:
        return json.loads(json.dumps(headline(results, ResponseDraws.from_bytes(draws)).to_json(), allow_nan=False))
    except (MixModelError, RuntimeError, ValueError) as error:
        _log.error("no plan was found to suggest", exc_info=error)
        return _without_plans(results)


def _without_plans(results: ModelResults) -> dict[str, Any]:
    return replace(Headline.of(results), version=__version__).to_json()


def renew() -> int:
    """Make the headlines that home pages lack, or have of another version; gives their number."""
    with system_transaction() as session:
        ids = repository.outdated(session, __version__, SHOWN, MOST)
    return sum(_renew(run_id) for run_id in ids)


def _renew(run_id: UUID) -> bool:
    with system_transaction() as session:
        results, draws_key = repository.of_run(session, run_id) or (None, None)
    if results is None or draws_key is None:
        return False
    found = ModelResults.from_json(results)
    try:
        kept = made(found, objects().get(draws_key))
    except (NotFound, DamagedFile) as error:
        _log.warning("a run has no draws to find a plan with", run_id=str(run_id), error=repr(error))
        kept = _without_plans(found)
    with system_transaction() as session:
        repository.keep(session, run_id, kept)
    return True

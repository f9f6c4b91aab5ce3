"""The results of finished runs as they are stored: who may see them is asked of the database every time, then they come
from this process, from Redis or from the row, whichever is nearest.

Results never change. What this process keeps of them goes by the version of the row all the same.
"""

import json
import threading
from collections import OrderedDict
from uuid import UUID

from mixmodel_app.domain.account import Principal
from mixmodel_app.domain.curves import ResponseDraws
from mixmodel_app.domain.errors import Conflict, NotFound
from mixmodel_app.domain.results import ModelResults
from mixmodel_app.storage import cache
from mixmodel_app.storage.db import reading
from mixmodel_app.storage.objects import objects
from mixmodel_app.storage.repositories import runs as repository
from mixmodel_app.storage.repositories.runs import ResultsHead

MOST_CHARACTERS = 8_000_000
"""Of JSON, whose results one process keeps: some 16 runs. As objects they take about five times that in bytes."""

type _Key = tuple[UUID, UUID, int]

_kept: OrderedDict[_Key, tuple[ModelResults, int]] = OrderedDict()
_lock = threading.Lock()


def head(principal: Principal, run_id: UUID) -> ResultsHead:
    """The run, if the principal may see it and it has results.

    Raises:
        NotFound: no such run in the principal's workspace.
        Conflict: it is not completed, nor was it cut short with something to show.
    """
    with reading(principal) as session:
        run = repository.results_head(session, principal, run_id)
    if not run.is_readable:
        raise Conflict(f"The run is {run.status}; results exist once it is completed.")
    return run


def whole(principal: Principal, run: ResultsHead) -> ModelResults:
    """All data of a run whose head the principal has got. Nobody may change it: others hold it too.

    Raises:
        NotFound: its results are gone.
    """
    key = (principal.workspace_id, run.id, run.row_version)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key][0]
    text = _text(principal, run.id)
    found = ModelResults.from_json(json.loads(text))
    with _lock:
        _kept[key] = found, len(text)
        while len(_kept) > 1 and sum(size for _, size in _kept.values()) > MOST_CHARACTERS:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """Drop what this process keeps, as if it had just started."""
    with _lock:
        _kept.clear()


def _text(principal: Principal, run_id: UUID) -> str:
    key = cache.results_key(run_id)
    text = cache.read_text(key)
    if text is None:
        with reading(principal) as session:
            text = repository.results_text(session, principal, run_id)
        if text is None or text == "null":
            raise NotFound("This run has no stored results.", hint="Run the model again.")
        cache.write_text(key, text, cache.RESULTS_SECONDS)
    return text


def draws(run: ResultsHead) -> ResponseDraws:
    """The joint draws of the response curves of a run whose head the principal has got.

    Raises:
        NotFound: there are none.
    """
    if run.draws_key is None:
        raise NotFound("This run has no draws to plan with.", hint="Run the model again.")
    return ResponseDraws.from_bytes(objects().get(run.draws_key))

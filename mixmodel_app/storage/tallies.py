"""How fits went, counted in Redis for the whole installation: outcomes, repeated attempts, seconds of each stage.

They are counted where progress is told, in the same script (`storage.progress`): whoever ends a run, worker, janitor or
web, tells it there. A Redis that lost its data starts again at nought, which Prometheus takes for a restart.
"""

from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from mixmodel_app.domain.run import RunStatus, Stage
from mixmodel_app.storage import redis

KEY = "tallies:runs"
BOUNDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
"""Upper bounds of the histogram of stage times, in seconds."""
TIMED = (Stage.QUEUED, Stage.LOADING, Stage.PREPARING, Stage.TUNING, Stage.SAMPLING, Stage.EXTRACTING)
_LONGER = "longer"

_COUNT = """
if before then
  local seconds = math.max(0, (now - since) / 1000)
  local within = '<longer>'
  for _, bound in ipairs({<bounds>}) do
    if seconds <= bound then within = bound break end
  end
  redis.call('HINCRBYFLOAT', '<key>', 'sum:' .. before, string.format('%.3f', seconds))
  redis.call('HINCRBY', '<key>', 'within:' .. before .. ':' .. within, 1)
  if stage == 'queued' then redis.call('HINCRBY', '<key>', 'again', 1) end
end
if stage == 'done' or stage == 'error' then redis.call('HINCRBY', '<key>', 'ended:' .. status, 1) end
"""

COUNT = (
    _COUNT.replace("<key>", KEY)
    .replace("<longer>", _LONGER)
    .replace("<bounds>", ",".join(str(each) for each in BOUNDS))
)
"""Part of a script that has found a new stage: `before` is the last one, nil when there was none, which began at
`since`; `stage` begins at `now`, both in milliseconds, and `status` is that of the run."""


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Seconds that runs spent in one stage. `below[bound]` counts those of at most `bound` seconds."""

    count: int = 0
    total: float = 0.0
    below: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tallies:
    """Everything that was counted."""

    ended: dict[RunStatus, int]
    again: int
    stages: dict[Stage, StageTimes]


def read() -> Tallies:
    """All counts; 0 for what has not happened."""
    raw: Any = redis.client().hgetall(KEY)
    return Tallies(
        ended={status: int(raw.get(f"ended:{status.value}", 0)) for status in RunStatus if status.is_final},
        again=int(raw.get("again", 0)),
        stages={stage: _times(raw, stage) for stage in TIMED},
    )


def _times(raw: dict[str, str], stage: Stage) -> StageTimes:
    within = [int(raw.get(f"within:{stage.value}:{bound}", 0)) for bound in (*BOUNDS, _LONGER)]
    *below, count = accumulate(within)
    return StageTimes(count, float(raw.get(f"sum:{stage.value}", 0.0)), dict(zip(BOUNDS, below, strict=True)))

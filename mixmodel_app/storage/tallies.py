"""How fits went, counted in Redis for the whole installation: outcomes, repeated attempts, seconds of each stage.

They are counted where progress is told, in the same script (`storage.progress`): whoever ends a run, worker, janitor or
web, tells it there. A Redis that lost its data starts again at nought, which Prometheus takes for a restart.
"""

from dataclasses import dataclass, field
from typing import Any

from mixmodel_app.domain.run import RunStatus, Stage
from mixmodel_app.storage import redis

KEY = "tallies:fits"
BOUNDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
"""Upper bounds of the histogram of stage times, in seconds."""
TIMED = (Stage.QUEUED, Stage.LOADING, Stage.PREPARING, Stage.TUNING, Stage.SAMPLING, Stage.EXTRACTING)

_COUNT = """
local told = cjson.decode(ARGV[1])
local before = redis.call('HMGET', KEYS[2], 'stage', 'since')
if before[1] ~= told['stage'] then
  local time = redis.call('TIME')
  local now = time[1] + time[2] / 1000000
  if before[1] and before[2] then
    local seconds = math.max(0, now - before[2])
    redis.call('HINCRBYFLOAT', '<key>', 'sum:' .. before[1], string.format('%.3f', seconds))
    redis.call('HINCRBY', '<key>', 'count:' .. before[1], 1)
    for _, bound in ipairs({<bounds>}) do
      if seconds <= bound then redis.call('HINCRBY', '<key>', 'le:' .. before[1] .. ':' .. bound, 1) end
    end
    if told['stage'] == 'queued' then redis.call('HINCRBY', '<key>', 'again', 1) end
  end
  if told['stage'] == 'done' or told['stage'] == 'error' then
    redis.call('HINCRBY', '<key>', 'ended:' .. told['status'], 1)
  end
  redis.call('HSET', KEYS[2], 'stage', told['stage'], 'since', string.format('%.3f', now))
end
"""

COUNT = _COUNT.replace("<key>", KEY).replace("<bounds>", ",".join(str(bound) for bound in BOUNDS))
"""Part of a script whose KEYS[2] is a run's snapshot and whose ARGV[1] is a progress event."""


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
    below = {bound: int(raw.get(f"le:{stage.value}:{bound}", 0)) for bound in BOUNDS}
    return StageTimes(int(raw.get(f"count:{stage.value}", 0)), float(raw.get(f"sum:{stage.value}", 0.0)), below)

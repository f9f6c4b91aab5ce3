"""Request counters in Redis: sliding windows shared by all replicas."""

import time
from functools import lru_cache

from limits import RateLimitItem, parse
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from mixmodel_app.config import settings


@lru_cache(maxsize=1)
def _limiter() -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(RedisStorage(settings().redis.url, key_prefix="limits"))


def wait(rule: str, name: str, who: str) -> int | None:
    """Seconds to wait when `rule` is used up, None while it is not; counts nothing."""
    item = parse(rule)
    return None if _limiter().test(item, name, who) else _seconds_left(item, name, who)


def clear(rule: str, name: str, who: str) -> None:
    """Forget what was counted."""
    _limiter().clear(parse(rule), name, who)


def hit(rule: str, name: str, who: str) -> int | None:
    """Count one request of `who` against `rule` ("5/minute"): None when it is allowed, else seconds to wait."""
    item = parse(rule)
    if _limiter().hit(item, name, who):
        return None
    return _seconds_left(item, name, who)


def _seconds_left(item: RateLimitItem, name: str, who: str) -> int:
    stats = _limiter().get_window_stats(item, name, who)
    return max(1, int(stats.reset_time - time.time()) + 1)

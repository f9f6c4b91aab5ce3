"""What may happen once: the first who asks gets a yes, everyone after that a no."""

import hashlib

from mixmodel_app.storage import redis


def first_time(what: str, kept_s: int) -> bool:
    """Whether nobody has asked for this within the last `kept_s` seconds. Of `what` only a hash is kept."""
    key = f"once:{hashlib.sha256(what.encode()).hexdigest()}"
    return bool(redis.client().set(key, "1", nx=True, ex=kept_s))

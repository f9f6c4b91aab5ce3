"""What a web process does once, when it begins to serve."""

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor

PAGE_THREADS = 32
"""As many services as work for pages at the same time. Python's own number, six on two cores, would let a few large
files or plans hold up everybody's clicks."""


def settle() -> None:
    """Give the pages their threads, and leave what the start has made out of all later looks for garbage.

    Looking through that would hold up a request for half a second. A loop must run.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(PAGE_THREADS, thread_name_prefix="page"))
    gc.freeze()

"""What others notice while many people sign in at once, with all limits on.

`python benchmarks/sign_ins.py [--sign-ins 200] [--readers 12] [--seconds 8]` starts MixModel on a temporary data
directory. Readers open a page, ask the API and send events through the socket, one after another with a short pause.
Their times are taken while nobody signs in, and then from the moment that all sign-ins are sent until the last is in.

Each sign-in comes from an address of its own (the benchmark plays the trusted proxy), so each is within its limit of
five a minute; one address that tries more often is refused, which the last line shows.
"""

import argparse
import asyncio
import itertools
import os
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from tests.e2e.product import PASSWORD, Person, Product, temporary_home
from tests.e2e.socket_client import HYDRATE, SocketTab, socket_tab

ACCOUNTS = 10
PAUSE_S = 0.1
PATIENCE_S = 600
KINDS = ("page", "API", "event")

type Times = dict[str, list[float]]
type SignIns = list[tuple[int, float]]


async def read(client: httpx.AsyncClient, person: Person, tab: SocketTab, times: Times, until: asyncio.Event) -> None:
    """One person who works: milliseconds of each thing done, until told to stop."""
    while not until.is_set():
        for kind, act in (
            ("page", lambda: client.get("/", headers={"cookie": person.cookie_header, "accept": "text/html"})),
            ("API", lambda: client.get("/api/workspace/stats", headers=dict(person.api.headers))),
            ("event", lambda: _event(tab)),
        ):
            started = time.perf_counter()
            answer = await act()
            times[kind].append((time.perf_counter() - started) * 1000)
            if answer is not None and answer.status_code != 200:
                raise SystemExit(f"a reader got {answer.status_code}")
            await asyncio.sleep(PAUSE_S)


async def _event(tab: SocketTab) -> None:
    """Send an event and wait for its answer."""
    heard = len(tab.heard)
    await tab.send(HYDRATE, {})
    while len(tab.heard) == heard:
        tab._news.clear()
        await asyncio.wait_for(tab._news.wait(), PATIENCE_S)


async def sign_in(url: str, email: str, number: int) -> tuple[int, float]:
    """One sign-in from an address of its own: status and milliseconds."""
    address = f"198.51.{number // 250}.{number % 250 + 1}"
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
        started = time.perf_counter()
        answer = await client.post(
            "/api/auth/login", json={"email": email, "password": PASSWORD}, headers={"x-forwarded-for": address}
        )
        return answer.status_code, (time.perf_counter() - started) * 1000


async def measure(product: Product, people: list[Person], sign_ins: int, readers: int, seconds: float) -> None:
    """Both phases, and the table."""
    quiet, busy = defaultdict(list), defaultdict(list)
    emails = itertools.cycle([person.email for person in people])
    async with httpx.AsyncClient(base_url=product.url, timeout=PATIENCE_S) as client:
        tabs = [socket_tab(product.url, cookie=people[n % len(people)].cookie_header) for n in range(readers)]
        opened = [await tab.__aenter__() for tab in tabs]

        async def phase(times: Times, work: "asyncio.Future[SignIns] | None") -> SignIns:
            done = asyncio.Event()
            reading = [
                asyncio.create_task(read(client, people[n % len(people)], tab, times, done))
                for n, tab in enumerate(opened)
            ]
            result = await work if work is not None else await asyncio.sleep(seconds, [])
            done.set()
            await asyncio.gather(*reading)
            return result

        await phase(defaultdict(list), None)  # warm
        await phase(quiet, None)
        started = time.perf_counter()
        work = asyncio.gather(*(sign_in(product.url, next(emails), number) for number in range(sign_ins)))
        results = await phase(busy, work)
        took = time.perf_counter() - started
        refused = [(await sign_in(product.url, people[0].email, 999))[0] for _ in range(6)]
        for tab in tabs:
            await tab.__aexit__(None, None, None)
    report(quiet, busy, results, took, refused)


def report(quiet: Times, busy: Times, results: SignIns, took: float, refused: list[int]) -> None:
    print(f"\n{'ms':<8}{'p50 quiet':>12}{'p95 quiet':>12}{'p50 busy':>12}{'p95 busy':>12}{'max busy':>12}{'n':>8}")
    for kind in KINDS:
        row = (*_quantiles(quiet[kind]), *_quantiles(busy[kind]), max(busy[kind]))
        print(f"{kind:<8}" + "".join(f"{value:>12.0f}" for value in row) + f"{len(busy[kind]):>8}")
    codes = {code: sum(found == code for found, _ in results) for code in sorted({code for code, _ in results})}
    p50, p95 = _quantiles([ms for _, ms in results])
    print(f"\n{len(results)} sign-ins at once: {codes}, all in after {took:.1f} s; p50 {p50:.0f} ms, p95 {p95:.0f} ms")
    print(f"six sign-ins of one address: {refused}")


def _quantiles(values: list[float]) -> tuple[float, float]:
    return statistics.median(values), statistics.quantiles(values, n=20)[18]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sign-ins", type=int, default=200)
    parser.add_argument("--readers", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=8)
    options = parser.parse_args()
    os.environ["TRUSTED_PROXIES"] = "127.0.0.1, ::1"
    with temporary_home() as home, Product(Path(home)) as product:
        people = [product.new_person(f"Reader{number} Example") for number in range(ACCOUNTS)]
        product.lift_limits()
        asyncio.run(measure(product, people, options.sign_ins, options.readers, options.seconds))


if __name__ == "__main__":
    main()

"""What one web process carries: open pages that follow a run, page loads, and large uploads at once.

`python benchmarks/load.py [--pages 300] [--every 2] [--seconds 20] [--loads 50] [--uploads 4]` starts MixModel on a
temporary data directory and prints three tables.

* open pages: each is a socket as a browser opens it (first event, content, then a stream), on one of ten runs whose
  progress is published every `--every` seconds; latency is from publishing an event until the page has it; memory is
  that of the web process, for each page.
* page loads: so many a second are begun, whether or not the ones before are done. First the document, then the whole
  page: the document, the socket and the content through it.
* uploads: files of 50 MB at once; memory is the web process' peak above what it had before. `refused` are 50 MB that
  are no table, `tables` are CSV files of that size, which are read to their end.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psutil
import socketio
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.run import ProgressEvent, RunStatus, Stage
from mixmodel_app.storage import progress
from tests.e2e.product import Person, Product, temporary_home
from tests.tables import weekly_csv

RUNS = 10
NAMESPACE = "/_event"
FIRST = "reflex___state____state.hydrate_and_load"
READY = '"ready_path_rx_state_":"/'
PATIENCE_S = 120
_RUN = "/runs/"
MB = 2**20
_address = count(1)


@dataclass
class Tab:
    """One open page. `heard` are the arrival times of what was published, by its number."""

    person: Person
    path: str
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    heard: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("event", namespace=NAMESPACE, handler=self._hear)

    async def _hear(self, message: Any) -> None:
        now, said = time.time(), message if isinstance(message, str) else json.dumps(message, separators=(",", ":"))
        if READY in said:
            self.ready.set()
        at = said.find("load-")
        if at >= 0:
            self.heard.setdefault(said[at : at + 41], now)

    async def open(self, url: str) -> None:
        """Connect, and wait for the content. Each comes from an address of its own."""
        number = next(_address)
        query = {"run_id": self.path.removeprefix(_RUN)} if self.path.startswith(_RUN) else {}
        place = {"pathname": self.path, "asPath": self.path, "query": query}
        headers = {
            "Cookie": self.person.cookie_header,
            "x-forwarded-for": f"198.{18 + number // 65000}.{number // 250 % 250}.{number % 250 + 1}",
        }
        await self.client.connect(
            f"{url}/?token={uuid4()}",
            headers=headers,
            transports=["websocket"],
            socketio_path="/_event",
            namespaces=[NAMESPACE],
            auth={"event": {"name": FIRST, "payload": {}, "router_data": place}},
            wait_timeout=PATIENCE_S,
        )
        await asyncio.wait_for(self.ready.wait(), PATIENCE_S)


@dataclass(frozen=True)
class Endless:
    """A run that is always under way, as the rest of MixModel sees it."""

    person: Person
    run_id: str

    @classmethod
    def made(cls, product: Product, number: int) -> "Endless":
        person = product.new_person(f"Reader{number} Example")
        run_id = person.start_run(person.ready_dataset(weekly_csv()), mode="custom", n_samples=100, tune_steps=100)
        list(person.follow(run_id))
        return cls(person, run_id)

    def publish(self, product: Product, mark: str) -> None:
        event = ProgressEvent(self.run_id, RunStatus.RUNNING, Stage.SAMPLING, 50, mark, 60.0)
        stream = progress.stream(UUID(self.person.user["workspace_id"]), UUID(self.run_id))
        entry: Any = progress.entry_of([event])
        product.redis.xadd(stream, entry, maxlen=progress.KEEP_EVENTS)


@contextlib.contextmanager
def kept_running(product: Product, runs: list[Endless]) -> Iterator[None]:
    """Let the runs have a worker that says every second that it lives."""
    done = threading.Event()
    beat = text(
        "UPDATE model_runs SET status = 'running', stage = 'sampling', completed_at = NULL, heartbeat_at = now() "
        "WHERE id = ANY(CAST(:ids AS uuid[]))"
    )

    def keep() -> None:
        while True:
            with product.database.begin() as connection:
                connection.execute(beat, {"ids": [run.run_id for run in runs]})
            if done.wait(1):
                return

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def web_process(product: Product) -> psutil.Process:
    """The process that serves: granian's child."""
    return max(product.process("granian").children(), key=lambda process: process.memory_info().rss)


async def open_pages(product: Product, runs: list[Endless], pages: int, every: float, seconds: float) -> None:
    web, started = web_process(product), time.monotonic()
    for run in runs:
        run.publish(product, "warm")
    warm = Tab(runs[0].person, _RUN + runs[0].run_id)
    await warm.open(product.url)
    before = web.memory_full_info().uss
    tabs = [Tab(runs[n % len(runs)].person, _RUN + runs[n % len(runs)].run_id) for n in range(pages)]
    for group in range(0, pages, 10):
        await asyncio.gather(*(tab.open(product.url) for tab in tabs[group : group + 10]))
    opened = time.monotonic() - started
    web.cpu_percent()
    sent: dict[str, tuple[float, str]] = {}
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for run in runs:
            mark = f"load-{uuid4()}"
            sent[mark] = (time.time(), run.run_id)
            await asyncio.to_thread(run.publish, product, mark)
            await asyncio.sleep(every / len(runs))
    await asyncio.sleep(3)
    cpu, after = web.cpu_percent(), web.memory_full_info().uss
    due = [(tab, mark, at) for tab in tabs for mark, (at, run_id) in sent.items() if run_id in tab.path]
    times = [tab.heard[mark] - at for tab, mark, at in due if mark in tab.heard]
    memory = f"{(after - before) / pages / MB:.2f}"
    row("pages", "events/s", "p50 ms", "p95 ms", "max ms", "heard", "MB/page", "CPU %", "opened s")
    row(pages, pages / every, *in_ms(times), f"{len(times)}/{len(due)}", memory, cpu, f"{opened:.0f}")
    await asyncio.gather(*(tab.client.disconnect() for tab in (*tabs, warm)))


async def at_a_rate(
    rate: float, seconds: float, act: Callable[[], Coroutine[Any, Any, None]]
) -> tuple[list[float], int]:
    """Begin `act` so often, for so long; its times in seconds, and how many failed."""
    times: list[float] = []
    failed = 0

    async def timed() -> None:
        nonlocal failed
        started = time.perf_counter()
        try:
            await act()
            times.append(time.perf_counter() - started)
        except (httpx.HTTPError, TimeoutError, socketio.exceptions.ConnectionError):
            failed += 1

    tasks, started = [], time.perf_counter()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(timed()))
    await asyncio.gather(*tasks)
    return times, failed


async def page_loads(product: Product, runs: list[Endless], rate: float, seconds: float) -> None:
    numbers = count()
    limits = httpx.Limits(max_connections=500, max_keepalive_connections=200)
    async with httpx.AsyncClient(base_url=product.url, timeout=PATIENCE_S, limits=limits) as client:

        async def document() -> None:
            person = runs[next(numbers) % len(runs)].person
            answer = await client.get("/", headers={"cookie": person.cookie_header, "accept-encoding": "gzip"})
            answer.raise_for_status()

        async def whole() -> None:
            await document()
            tab = Tab(runs[next(numbers) % len(runs)].person, "/")
            await tab.open(product.url)
            await tab.client.disconnect()

        row("page loads", "begun/s", "p50 ms", "p95 ms", "max ms", "failed")
        for name, act in (("document", document), ("whole page", whole)):
            times, failed = await at_a_rate(rate, seconds, act)
            row(name, rate, *in_ms(times), failed)


async def uploads(product: Product, together: int) -> None:
    web = web_process(product)
    people = [product.new_person(f"Sender{number} Example") for number in range(together)]
    table = weekly_csv(60)
    line = table.splitlines()[-1] + b"\n"
    whole = table + line * ((50 * MB - len(table)) // len(line))
    files = {"refused": ("large.xlsx", b"PK" + bytes(50 * MB - 2)), "tables": ("large.csv", whole)}
    row("uploads", "together", "p50 ms", "p95 ms", "max ms", "answers", "peak MB")
    for name, file in files.items():
        with peak_of(web) as peak:
            answers = await asyncio.gather(*(asyncio.to_thread(_send, person, file) for person in people))
        codes = ",".join(sorted({str(code) for code, _ in answers}))
        row(name, together, *in_ms([seconds for _, seconds in answers]), codes, f"{peak() / MB:.0f}")


def _send(person: Person, file: tuple[str, bytes]) -> tuple[int, float]:
    started = time.perf_counter()
    answer = person.api.post("/api/datasets/upload", files={"file": file}, timeout=PATIENCE_S)
    return answer.status_code, time.perf_counter() - started


@contextlib.contextmanager
def peak_of(process: psutil.Process) -> Iterator[Callable[[], int]]:
    """The highest memory of a process during the block above that at its start, in bytes."""
    before, highest, done = process.memory_info().rss, 0, threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.wait(0.02):
            highest = max(highest, process.memory_info().rss)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield lambda: max(0, highest - before)
    finally:
        done.set()
        thread.join()


def in_ms(times: list[float]) -> tuple[str, str, str]:
    """Median, 95th percentile and maximum."""
    if len(times) < 2:
        return ("–", "–", f"{times[0] * 1000:.0f}" if times else "–")
    found = (statistics.median(times), statistics.quantiles(times, n=20, method="inclusive")[18], max(times))
    p50, p95, highest = (f"{value * 1000:.0f}" for value in found)
    return p50, p95, highest


def row(*cells: object) -> None:
    print("".join(f"{cell if isinstance(cell, str) else f'{cell:g}':>12}" for cell in cells), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--every", type=float, default=2)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--loads", type=float, default=50)
    parser.add_argument("--uploads", type=int, default=4)
    options = parser.parse_args()
    os.environ["TRUSTED_PROXIES"] = "127.0.0.1, ::1"
    with temporary_home() as home, Product(Path(home)) as product:
        runs = [Endless.made(product, number) for number in range(RUNS)]
        print(f"load of this machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
        with kept_running(product, runs):
            asyncio.run(open_pages(product, runs, options.pages, options.every, options.seconds))
            print()
            asyncio.run(page_loads(product, runs, options.loads, min(10, options.seconds)))
        print()
        asyncio.run(uploads(product, options.uploads))


if __name__ == "__main__":
    main()

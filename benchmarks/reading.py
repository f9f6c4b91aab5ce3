"""How well files are read: roles, damage, fuzz and speed.

`python benchmarks/reading.py [--fuzz 10000] [--seed 0]` reads the corpus of messy files, the public layouts and
machine-made damage of both, and prints precision and recall by role and what became of each file:

* right: roles and numbers are those of the undamaged table
* asked: a question, or a refusal that says what to do
* role: the numbers are right, but a column got a role that a person must correct on screen
* silent: a number differs and nothing was asked; this must never be

Then it fuzzes: random bytes, mutated CSV and mutated workbooks may give a table or a named error, nothing else. Last it
times a CSV of 50 MB.
"""

import argparse
import io
import random
import resource
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.domain.dataset import ColumnRole
from mixmodel_app.domain.errors import MixModelError
from mixmodel_app.ingest.detection import detect
from mixmodel_app.ingest.profile import preview_rows, profile
from mixmodel_app.ingest.reader import read_table
from mixmodel_app.ingest.table import Table
from tests.unit.ingest.damages import DAMAGES, Damaged, different, workbook
from tests.unit.ingest.public_layouts import layouts
from tests.unit.ingest.reading_cases import cases

ROLES = [role for role in ColumnRole if role is not ColumnRole.IGNORED]


class Tally:
    """Outcomes of files, and hits and misses by role."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.hits: Counter[ColumnRole] = Counter()
        self.extra: Counter[ColumnRole] = Counter()
        self.missed: Counter[ColumnRole] = Counter()
        self.failures: list[str] = []

    def add(self, found: dict[str, set[str]], truth: dict[str, list[str]]) -> bool:
        """Count the roles of one file; whether all are right."""
        for role in ROLES:
            got, wanted = found.get(role.value, set()), set(truth.get(role.value, ()))
            self.hits[role] += len(got & wanted)
            self.extra[role] += len(got - wanted)
            self.missed[role] += len(wanted - got)
        return all(found.get(role.value, set()) == set(truth.get(role.value, ())) for role in ROLES)

    def show(self) -> None:
        print(f"\n{'role':<10}{'precision':>10}{'recall':>10}{'columns':>10}")
        for role in ROLES:
            hits, extra, missed = self.hits[role], self.extra[role], self.missed[role]
            precision, recall = hits / max(1, hits + extra), hits / max(1, hits + missed)
            print(f"{role.value:<10}{precision:>10.3f}{recall:>10.3f}{hits + missed:>10}")
        every = self.outcomes.total()
        print("\n" + ", ".join(f"{name} {count}" for name, count in self.outcomes.most_common()), f"of {every}")
        good = self.outcomes["right"] + self.outcomes["asked"]
        print(
            f"right or asked: {100 * good / every:.1f} % (wanted 95 %), silent misreadings: {self.outcomes['silent']}"
        )
        for failure in self.failures:
            print(" ", failure)


def roles_of(table: Table) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in detect(table):
        found.setdefault(one.role.value, set()).add(one.column)
    return found


def judge(damaged: Damaged, tally: Tally, label: str) -> None:
    try:
        table = read_table(damaged.raw, damaged.name)
    except MixModelError as refusal:
        tally.outcomes["asked"] += 1
        tally.failures.append(f"asked   {label}: {refusal.message}")
        return
    right = tally.add(roles_of(table), damaged.truth.roles)
    wrong = different(table, damaged.truth)
    outcome = "asked" if table.questions else "silent" if wrong else "right" if right else "role"
    tally.outcomes[outcome] += 1
    if outcome != "right":
        tally.failures.append(f"{outcome:<8}{label}: {wrong or [q.text for q in table.questions] or roles_of(table)}")


def read_everything(seed: int) -> None:
    tally = Tally()
    rng = random.Random(seed)
    for layout in layouts():
        for name, damage in DAMAGES.items():
            judge(damage(layout, rng), tally, f"{layout.name}, {name}")
    print(f"{len(layouts())} public layouts under {len(DAMAGES)} kinds of damage")
    tally.show()
    corpus = Tally()
    for case in cases():
        problems = case.problems()
        corpus.outcomes["right" if not problems else "wrong"] += 1
        corpus.failures += [f"{case.name}: {problem}" for problem in problems]
        if "roles" in case.expected and not problems:
            corpus.add(roles_of(read_table(case.raw, case.name)), case.expected["roles"])
    print("\nCorpus of messy files, as their expectations say")
    corpus.show()


def fuzzed(count: int, seed: int) -> Iterator[tuple[str, str, bytes]]:
    """Kind, name and bytes of each fuzzed file."""
    rng = random.Random(seed)
    texts = [case.raw for case in cases()]
    book = workbook(layouts()[-1], rng).raw
    for number in range(count):
        kind = ("bytes", "CSV", "CSV", "CSV", "workbook", "workbook part")[number % 6]
        if kind == "bytes":
            yield kind, rng.choice(["a.csv", "a.xlsx", "a.csv.gz"]), rng.randbytes(rng.randrange(400))
        elif kind == "CSV":
            yield kind, "a.csv", mutated(rng.choice(texts), rng)
        elif kind == "workbook":
            yield kind, "a.xlsx", mutated(book, rng)
        else:
            yield kind, "a.xlsx", mutated_part(book, rng)


BREAKERS = (
    *(b'"', b"\x00", b"\r", b"\n\n", b",,", b";", b"\xff", b"9" * 400, b"1e999", b"nan", b"\xef\xbb\xbf"),
    *(b"Total", b"2024-01-01", b"1,5", b"%", "€".encode(), b"#"),
)


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """Some bytes flipped, cut, doubled or replaced by what breaks parsers."""
    data = bytearray(raw)
    for _ in range(rng.randrange(1, 6)):
        at, length = rng.randrange(len(data) + 1), rng.randrange(1, 20)
        change = rng.randrange(4)
        if change == 0:
            del data[at : at + length]
        elif change == 1:
            data[at:at] = data[at : at + length]
        elif change == 2:
            data[at:at] = rng.choice(BREAKERS)
        else:
            data[at : at + 1] = rng.randbytes(1)
    return bytes(data)


def mutated_part(book: bytes, rng: random.Random) -> bytes:
    """A workbook that is a sound archive with one damaged part."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(buffer, "w") as target:
        chosen = rng.choice([name for name in source.namelist() if name.endswith((".xml", ".rels"))])
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, mutated(content, rng) if name == chosen else content)
    return buffer.getvalue()


def fuzz(count: int, seed: int) -> None:
    tally: Counter[str] = Counter()
    for kind, name, raw in fuzzed(count, seed):
        try:
            table = read_table(raw, name)
            detect(table)
            profile(table)
            outcome = "table"
        except MixModelError as refusal:
            outcome = type(refusal).__name__
        except Exception as crash:  # noqa: BLE001 - counting crashes is what this is for
            outcome = f"CRASH {type(crash).__name__}: {crash}"[:100]
        tally[f"{kind}: {outcome}"] += 1
    print(f"\n{count:,} fuzzed files")
    for outcome, times in sorted(tally.items()):
        print(f"{times:>8,}  {outcome}")


def large() -> dict[str, bytes]:
    """CSV files of almost 50 MB: wide with decimals, and long with a row per date and channel."""
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.gamma(2, 500, (66_000, 90)).round(2), columns=[f"channel{i}_spend" for i in range(90)])
    wide.insert(0, "date", pd.date_range("1900-01-01", periods=len(wide)).strftime("%Y-%m-%d"))
    days = pd.date_range("2000-01-01", periods=8_700).strftime("%Y-%m-%d")
    channels = [f"Channel {i}" for i in range(150)]
    index = pd.MultiIndex.from_product([days, channels], names=["date", "channel"])
    long = pd.DataFrame({"spend": rng.gamma(2, 500, len(index)).round(2)}, index=index).reset_index()
    limit = 50 * 1024 * 1024
    texts = {"wide": wide.to_csv(index=False), "long": long.to_csv(index=False)}
    return {name: text[: text.rindex("\n", 0, limit) + 1].encode() for name, text in texts.items()}


def speed() -> None:
    for name, raw in large().items():
        began, cpu = time.perf_counter(), time.process_time()
        table = read_table(raw, "a.csv")
        preview_rows(table.frame)
        profile(table)
        wall, spent = time.perf_counter() - began, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:<6}{len(raw) / 1024**2:5.1f} MB, {table.n_rows:,} × {len(table.columns)}: {wall:.1f} s "
            f"({spent:.1f} s CPU), peak of the process {peak:,.0f} MB"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fuzz", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    read_everything(options.seed)
    if options.fuzz:
        fuzz(options.fuzz, options.seed)
    print("\n50 MB of CSV, read, previewed and profiled (wanted: 5 s, 1,024 MB)")
    speed()

"""How long each report takes, and how large it is: from the results of a fit to the bytes of the file.

"first" is the first file of its kind in a process, with the loading of its library; "next" the median of five more. The
putting together of the record, charts included, is a row of its own. Run: `python -m benchmarks.reports`.
"""

import statistics
import subprocess
import sys
import time

from mixmodel_app.domain.results import ModelResults
from mixmodel_app.services.reports import ReportFormat
from tests.factories import make_results
from tests.reports import make_report

SIZES = ((2, 60), (6, 104), (12, 260), (20, 260))
REPEATS = 5


def results_of(n_channels: int, n_periods: int) -> ModelResults:
    return make_results(n_periods=n_periods, names=tuple(f"Channel {number}" for number in range(1, n_channels + 1)))


def measure(kind: ReportFormat, n_channels: int, n_periods: int) -> tuple[float, float, int]:
    """Seconds of the first file and of a later one, and its size in bytes."""
    report = make_report(results_of(n_channels, n_periods))
    seconds: list[float] = []
    content = b""
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        content = kind.write(report)
        seconds.append(time.perf_counter() - start)
    return seconds[0], statistics.median(seconds[1:]), len(content)


def measure_record(n_channels: int, n_periods: int) -> tuple[float, float]:
    """Seconds to put the record together, the first time and later."""
    results = results_of(n_channels, n_periods)
    seconds: list[float] = []
    for _ in range(REPEATS + 1):
        start = time.perf_counter()
        make_report(results)
        seconds.append(time.perf_counter() - start)
    return seconds[0], statistics.median(seconds[1:])


def main() -> None:
    print(f"{'channels':>8} {'periods':>8} {'what':>7} {'first, s':>9} {'next, s':>8} {'kB':>6}", flush=True)
    for n_channels, n_periods in SIZES:
        first, later = measure_record(n_channels, n_periods)
        print(f"{n_channels:8d} {n_periods:8d} {'record':>7} {first:9.2f} {later:8.2f} {'':>6}", flush=True)
        for kind in ReportFormat:
            # A process for each, so that "first" is the first.
            command = [sys.executable, "-m", "benchmarks.reports", kind.value, str(n_channels), str(n_periods)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            first, later, size = (float(part) for part in done.stdout.split())
            print(
                f"{n_channels:8d} {n_periods:8d} {kind.value:>7} {first:9.2f} {later:8.2f} {size / 1000:6.0f}",
                flush=True,
            )


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(*measure(ReportFormat(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
    else:
        main()

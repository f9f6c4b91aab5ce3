"""What people wait for, on the real product: starting, a quick fit, results, a budget question, stopping.

`python benchmarks/everyday.py [--rounds 5]` starts MixModel twice on a temporary data directory (the pages must have
been built once) and prints medians of the second start beside the promise of each. Seconds by the wall clock; the
machine matters, so read them beside each other.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run from a checkout, nothing installed

from mixmodel_app.engine.simulate import CHANNELS, Channel, simulate
from mixmodel_app.local.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
MORE = (Channel("Podcast", 5_000, 1.8, alpha=0.3, lam=2.0), Channel("Affiliate", 7_000, 1.6, alpha=0.2, lam=1.8))
ACCOUNT = {"email": "bench@example.com", "password": "Benchmark-run-1", "full_name": "Bench"}
RUNS_A_MINUTE = 5

type Rows = dict[str, tuple[list[float], float | None]]


class Product:
    """A MixModel of its own on `home`, started; `seconds` until it served."""

    def __init__(self, home: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.token = ""
        began = time.perf_counter()
        command = [sys.executable, "-m", "mixmodel_app.cli", "up", "--home", str(home), "--port", str(port)]
        env = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "REDIS_"))}
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        next(line for line in self.process.stdout if "Ctrl-C" in line)
        self.seconds = time.perf_counter() - began

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        """One call of the API; `body` is JSON unless it is bytes."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.loads(answer.read() or b"null")

    def stop(self) -> float:
        """Seconds from Ctrl-C to the end of the process."""
        began = time.perf_counter()
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="mixmodel-bench-") as folder:
        port = free_port()
        stops = [Product(Path(folder), port).stop()]
        product = Product(Path(folder), port)
        try:
            measured = measure(product, rounds)
        finally:
            stops.append(product.stop())
    show({"second start, serving": ([product.seconds], 15.0), **measured, "Ctrl-C to the end": (stops, 3.0)})


def measure(product: Product, rounds: int) -> Rows:
    """A fit of eight channels several times, then its results and a budget question."""
    product.token = product.call("POST", "/api/auth/register", ACCOUNT)["access_token"]
    while product.call("GET", "/health")["checks"]["worker"] != "ok":
        time.sleep(0.5)
    dataset = upload(product)
    fits = [fit(product, dataset) for _ in range(min(rounds, RUNS_A_MINUTE))]
    run = fits[-1][1]
    question = {"total_budget": 3_000_000}
    return {
        "quick fit, click to results": ([seconds for seconds, _ in fits], None),
        "three views as JSON": (times(rounds, lambda: product.call("GET", f"/api/models/{run}/results")), None),
        "budget of 8 channels": (
            times(rounds, lambda: product.call("POST", f"/api/models/{run}/optimize", question)),
            0.3,
        ),
    }


def upload(product: Product) -> str:
    """A simulated world of eight channels, mapped and validated; its dataset id."""
    world = simulate(channels=CHANNELS + MORE)
    table = world.frame.to_csv(index=False, date_format="%Y-%m-%d")
    head = 'Content-Disposition: form-data; name="file"; filename="world.csv"\r\nContent-Type: text/csv'
    body = f"--cut\r\n{head}\r\n\r\n{table}\r\n--cut--\r\n".encode()
    found = product.call("POST", "/api/datasets/upload", body, "multipart/form-data; boundary=cut")
    path = f"/api/datasets/{found['dataset_id']}"
    product.call("PUT", f"{path}/mapping", {"column_mapping": world.mapping.to_json()})
    product.call("POST", f"{path}/validate")
    return found["dataset_id"]


def fit(product: Product, dataset: str) -> tuple[float, str]:
    """Seconds from the request to readable results, and the run's id."""
    began = time.perf_counter()
    run = product.call("POST", "/api/models/run", {"dataset_id": dataset, "config": {"mode": "quick"}})["run_id"]
    with urllib.request.urlopen(f"{product.url}/api/models/{run}/progress?token={product.token}") as stream:
        last = re.findall(r"data: (.*)", stream.read().decode())[-1]
    if json.loads(last)["status"] != "completed":
        raise RuntimeError(f"The fit ended otherwise: {last}")
    product.call("GET", f"/api/models/{run}/results")
    return time.perf_counter() - began, run


def times(rounds: int, work: Callable[[], Any]) -> list[float]:
    """Seconds of each round."""
    seconds: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return seconds


def show(rows: Rows) -> None:
    print(f"{'what':<32}{'median s':>10}{'worst s':>10}{'promise':>10}")
    for name, (seconds, promise) in rows.items():
        limit = f"{promise:g}" if promise is not None else "–"
        print(f"{name:<32}{statistics.median(seconds):>10.3f}{max(seconds):>10.3f}{limit:>10}")


if __name__ == "__main__":
    main()

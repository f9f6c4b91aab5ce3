"""Someone who starts runs over the API, watches them, and asks again when there is no answer."""

import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from mixmodel_app.engine.simulate import CHANNELS, simulate

CONFIG: dict[str, Any] = {"mode": "custom", "n_samples": 400, "tune_steps": 400, "n_chains": 2, "yearly_seasonality": 2}
_ACCOUNT = {"email": "faults@example.com", "password": "Faults-on-purpose-1", "full_name": "Faults"}
_CALL_LIMIT_S = 90
_VOLATILE = ("fit_seconds", "run_id")


@dataclass
class Seen:
    """What the page of one run showed: each (status, message) once in a row, and answers that were none."""

    lines: list[tuple[float, str, str]] = field(default_factory=list)

    def add(self, status: str, message: str) -> None:
        if not self.lines or self.lines[-1][1:] != (status, message):
            self.lines.append((time.monotonic(), status, message))

    @property
    def statuses(self) -> list[str]:
        return [status for _, status, _ in self.lines]


class Person:
    """An account with one dataset."""

    def __init__(self, url: str, lift_limits: Any) -> None:
        self.url = url
        self.lift_limits = lift_limits
        self.http = httpx.Client(base_url=url, timeout=10)
        self.token = ""
        self.signed_in = 0.0
        self.call("POST", "/api/auth/register", json=_ACCOUNT)
        self.dataset = self._dataset()

    def _headers(self) -> dict[str, str]:
        """Signed; tokens live for a quarter of an hour."""
        if time.monotonic() - self.signed_in > 600:
            self.signed_in, self.token = time.monotonic(), ""
            answer = self.call("POST", "/api/auth/login", json=_ACCOUNT | {"full_name": None})
            self.token = answer["access_token"]
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def call(self, method: str, path: str, **more: Any) -> Any:
        """The JSON answer; asked again while there is none, as a person would."""
        signed = {} if path.startswith("/api/auth/") else self._headers()
        deadline = time.monotonic() + _CALL_LIMIT_S
        while True:
            try:
                self.lift_limits()
                answer = self.http.request(method, path, headers=signed, **more)
                if answer.status_code < 500:
                    answer.raise_for_status()
                    return answer.json() if "json" in answer.headers.get("content-type", "") else answer.content
                problem = f"{answer.status_code} {answer.text[:200]}"
            except httpx.HTTPStatusError:
                raise
            except httpx.HTTPError as error:
                problem = repr(error)
            if time.monotonic() > deadline:
                raise RuntimeError(f"{method} {path} was not answered: {problem}")
            time.sleep(0.1)

    def _dataset(self) -> str:
        world = simulate(channels=CHANNELS[:3])
        table = world.frame.to_csv(index=False, date_format="%Y-%m-%d").encode()
        found = self.call("POST", "/api/datasets/upload", files={"file": ("world.csv", table, "text/csv")})
        path = f"/api/datasets/{found['dataset_id']}"
        self.call("PUT", f"{path}/mapping", json={"column_mapping": world.mapping.to_json()})
        self.call("POST", f"{path}/validate")
        return found["dataset_id"]

    def start(self, seed: int, key: str) -> str:
        """Queue a run; the key makes asking twice one run."""
        body = {"dataset_id": self.dataset, "name": key, "config": CONFIG | {"random_seed": seed}}
        signed = self._headers() | {"Idempotency-Key": key}
        deadline = time.monotonic() + _CALL_LIMIT_S
        while True:
            with contextlib.suppress(httpx.TransportError):
                self.lift_limits()
                answer = self.http.post("/api/models/run", json=body, headers=signed)
                if answer.status_code < 500:
                    answer.raise_for_status()
                    return answer.json()["id"]
            if time.monotonic() > deadline:
                raise RuntimeError("A run could not be started.")
            time.sleep(0.1)

    def run(self, run_id: str) -> dict[str, Any]:
        return self.call("GET", f"/api/models/{run_id}")

    def answers(self, run_id: str) -> bool:
        """Whether the API answers for the run just now."""
        try:
            return self.http.get(f"/api/models/{run_id}", headers=self._headers(), timeout=3).status_code == 200
        except httpx.HTTPError:
            return False

    def results(self, run_id: str) -> dict[str, Any]:
        """The results without what differs between two equal runs; the model file is opened as well."""
        model = self.call("GET", f"/api/models/{run_id}/artifact")
        if not model.startswith(b"\x89HDF"):
            raise RuntimeError("The model file is no NetCDF.")
        return steady(self.call("GET", f"/api/models/{run_id}/results"))

    def watch(self, run_id: str) -> "tuple[Seen, threading.Thread]":
        """Follow the progress until the final event; a broken line is opened again."""
        seen = Seen()
        thread = threading.Thread(target=self._watch, args=(run_id, seen, self._headers()), daemon=True)
        thread.start()
        return seen, thread

    def _watch(self, run_id: str, seen: Seen, headers: dict[str, str]) -> None:
        path = f"{self.url}/api/models/{run_id}/progress"
        while True:
            try:
                with httpx.stream("GET", path, headers=headers, timeout=httpx.Timeout(5, read=40)) as answer:
                    if answer.status_code != 200:
                        seen.add("no answer", str(answer.status_code))
                    elif _read(answer, seen):
                        return
            except httpx.HTTPError as error:
                seen.add("no answer", type(error).__name__)
            time.sleep(0.3)


def _read(answer: httpx.Response, seen: Seen) -> bool:
    """Whether the final event came."""
    for line in answer.iter_lines():
        if line.startswith("data: "):
            event = json.loads(line.removeprefix("data: "))
            seen.add(event["status"], event["message"])
            if event["status"] in ("completed", "failed", "cancelled"):
                return True
    return False


def steady(value: Any) -> Any:
    """JSON without ids, times and durations."""
    if isinstance(value, dict):
        return {
            key: steady(item)
            for key, item in value.items()
            if key not in _VOLATILE and not key.endswith(("_at", "_seconds")) and key != "id"
        }
    return [steady(item) for item in value] if isinstance(value, list) else value

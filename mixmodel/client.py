"""A client of the HTTP API: what a script needs to go from a file to returns and a budget."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx

POLL_S = 0.5
FINAL = ("completed", "failed", "cancelled")


class ApiError(Exception):
    """An answer that is not the one that was asked for.

    Attributes:
        status: the HTTP status; code: the kind of problem as one word.
        fields: message by field, where the request was wrong.
        request_id: under which the server's log knows it.
    """

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.fields = {error["field"]: error["message"] for error in problem.get("errors") or []}
        self.request_id = str(problem.get("request_id", ""))
        wrong = "".join(f"\n  {name}: {message}" for name, message in self.fields.items())
        super().__init__(f"{problem.get('title', 'Error')} ({status}): {problem.get('detail', '')}{wrong}")


class RunFailed(Exception):
    """A run that ended without results; the message says why."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """An uploaded table. `mapping` says which column is what; send it back changed to correct a guess."""

    id: str
    filename: str
    mapping: dict[str, Any]
    raw: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Run:
    """A fit. `status` is queued, running, completed, failed or cancelled; `progress` runs from 0 to 100."""

    id: str
    name: str
    status: str
    progress: int
    error: str | None
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def is_final(self) -> bool:
        return self.status in FINAL


@dataclass(frozen=True, slots=True)
class ChannelReturn:
    """One channel over all data, money in the units of the file.

    `roas` and `marginal_roas` are posterior medians of the return per 1 spent and on the next 1, each with its range
    `(low, high)`, None where there is no spend. `learned_from` is "data" or "assumption".
    """

    name: str
    spend: float
    contribution: float
    roas: float | None
    roas_range: tuple[float, float] | None
    marginal_roas: float | None
    marginal_roas_range: tuple[float, float] | None
    learned_from: str | None


class Client:
    """Acts for someone at a MixModel. Use it as a context manager, or `close` it.

    Args:
        url: like "https://mixmodel.example.com".
        token: a personal token, made on the account page; or an access token, which lasts a few minutes.
        http: a client to send through, for proxies and certificates of one's own; its base URL is used.
    """

    def __init__(self, url: str, token: str, *, timeout_s: float = 60.0, http: httpx.Client | None = None) -> None:
        self._http = http or httpx.Client(base_url=url, timeout=timeout_s)
        self._token, self._refresh = token, ""

    @classmethod
    def sign_in(
        cls, url: str, email: str, password: str, *, timeout_s: float = 60.0, http: httpx.Client | None = None
    ) -> Self:
        """With an account's password; the session is renewed by itself while the client lives. Scripts use a token.

        Raises:
            ApiError: 401 for a wrong email or password, and for an account with a second factor.
        """
        made = cls(url, "", timeout_s=timeout_s, http=http)
        made._take(made._checked(made._http.post("/api/auth/login", json={"email": email, "password": password})))
        return made

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def upload(self, file: Path | str) -> Dataset:
        """Send a CSV or XLSX file. `mapping` of the answer is the guess of what its columns are."""
        path = Path(file)
        with path.open("rb") as content:
            answer = self._call("POST", "/api/datasets/upload", files={"file": (path.name, content)}).json()
        return Dataset(answer["dataset_id"], answer["filename"], answer["auto_mapping"], answer)

    def set_mapping(self, dataset_id: str, mapping: Mapping[str, Any]) -> None:
        """Say which column is what; `column_mapping` of the API."""
        self._call("PUT", f"/api/datasets/{dataset_id}/mapping", json={"column_mapping": dict(mapping)})

    def check(self, dataset_id: str) -> dict[str, Any]:
        """Check the data: `is_valid`, `errors`, `warnings`, `suggestions`. A run needs a check without errors."""
        return self._call("POST", f"/api/datasets/{dataset_id}/validate").json()

    def run(self, dataset_id: str, name: str | None = None, **config: Any) -> Run:
        """Queue a fit, with settings like `mode="full"`; asked twice by a broken line, it is started once."""
        body = {"dataset_id": dataset_id, "name": name, "config": config or None}
        return _run(self._call("POST", "/api/models/run", json=body, headers={"Idempotency-Key": str(uuid4())}).json())

    def get_run(self, run_id: str) -> Run:
        """Where a run stands."""
        return _run(self._call("GET", f"/api/models/{run_id}").json())

    def wait(self, run_id: str, *, timeout_s: float = 3600.0, on_progress: Callable[[Run], None] | None = None) -> Run:
        """Wait until a run is completed.

        Raises:
            RunFailed: it failed or was cancelled.
            TimeoutError: it is still going; it goes on.
        """
        end = time.monotonic() + timeout_s
        while not (run := self.get_run(run_id)).is_final:
            if on_progress is not None:
                on_progress(run)
            if time.monotonic() > end:
                raise TimeoutError(f"Run {run_id} is at {run.progress} % after {timeout_s:.0f} s; it goes on.")
            time.sleep(POLL_S)
        if run.status != "completed":
            raise RunFailed(run.error or f"The run was {run.status}.")
        return run

    def results(self, run_id: str, view: str | None = None, period: str = "all") -> dict[str, Any]:
        """The views of the results as the API gives them, or one of executive, manager and analyst."""
        query = {"period": period} | ({"view": view} if view else {})
        return self._call("GET", f"/api/models/{run_id}/results", params=query).json()

    def channels(self, run_id: str, period: str = "all") -> list[ChannelReturn]:
        """What each channel returned, how sure that is, and what the next 1 would."""
        found = self.results(run_id, "manager", period)
        return [
            ChannelReturn(
                name=name,
                spend=found["spend"][name],
                contribution=found["contributions"][name],
                roas=found["channel_roas"][name],
                roas_range=_range(found["channel_roas_hdi"][name]),
                marginal_roas=found["marginal_roas"][name],
                marginal_roas_range=_range(found["marginal_roas_hdi"][name]),
                learned_from=found["learned_from"][name],
            )
            for name in found["spend"]
        ]

    def optimize(self, run_id: str, total_budget: float, **limits: Any) -> dict[str, Any]:
        """The best split of a budget; `limits` like `min_per_channel`, `max_per_channel` and `weeks`."""
        body = {"total_budget": total_budget, **limits}
        return self._call("POST", f"/api/models/{run_id}/optimize", json=body).json()

    def save_report(self, run_id: str, file: Path | str) -> Path:
        """The report as a file; its kind follows from the name: .pdf, .pptx, .xlsx or .html."""
        path = Path(file)
        path.write_bytes(self._call("GET", f"/api/models/{run_id}/report{path.suffix}").content)
        return path

    def _call(self, method: str, path: str, **more: Any) -> httpx.Response:
        answer = self._send(method, path, **more)
        if answer.status_code == httpx.codes.UNAUTHORIZED and self._refresh:
            self._take(self._checked(self._http.post("/api/auth/refresh", json={"refresh_token": self._refresh})))
            for _, content in (more.get("files") or {}).values():
                content.seek(0)
            answer = self._send(method, path, **more)
        return self._checked(answer)

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} | more.pop("headers", {})
        return self._http.request(method, path, headers=headers, **more)

    def _take(self, answer: httpx.Response) -> None:
        session = answer.json()
        self._token, self._refresh = session["access_token"], session["refresh_token"]

    @staticmethod
    def _checked(answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
        raise ApiError(answer.status_code, answer.json() if is_problem else {"detail": answer.text[:200]})


def _run(raw: dict[str, Any]) -> Run:
    return Run(raw["id"], raw["name"], raw["status"], raw["progress"], raw["error_message"], raw)


def _range(pair: list[float] | None) -> tuple[float, float] | None:
    return (pair[0], pair[1]) if pair else None

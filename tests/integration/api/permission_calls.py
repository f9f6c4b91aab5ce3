"""How each route is called in the sweep: with a body that a permitted person would be answered for."""

from dataclasses import dataclass, field
from typing import Any

from tests.integration.house import PASSWORD, SECRET
from tests.tables import weekly_csv

MAPPING = {
    "date_column": "date",
    "target_column": "revenue",
    "media_columns": {"tv_spend": {"channel_name": "TV", "spend_type": "spend"}},
    "control_columns": [],
}
MONEY = {"TV": 10_000.0, "Search": 5_000.0}


@dataclass(frozen=True)
class Call:
    """What goes with a request; texts may have placeholders like "{run_id}".

    Attributes:
        path: what stands in placeholders that are no ids.
        below: what the address goes on with, where the row is a directory.
        fresh: the call takes something away, so that each caller needs a house of their own.
        also: codes of refusals that have nothing to do with permission.
    """

    json: Any = None
    data: dict[str, str] | None = None
    files: Any = None
    params: dict[str, Any] | None = None
    path: dict[str, str] = field(default_factory=dict[str, str])
    below: str = ""
    fresh: bool = False
    also: tuple[str, ...] = ()

    def arguments(self, things: dict[str, str]) -> dict[str, Any]:
        """For the client's `request`."""
        sent = {"json": self.json, "data": self.data, "files": self.files, "params": self.params}
        return {name: _filled(value, things) for name, value in sent.items() if value is not None}


def _filled(value: Any, things: dict[str, str]) -> Any:
    if isinstance(value, str):
        return things.get(value[1:-1], value) if value.startswith("{") else value
    if isinstance(value, dict):
        return {key: _filled(item, things) for key, item in value.items()}
    return [_filled(item, things) for item in value] if isinstance(value, list) else value


_PLAN = {"run_id": "{run_id}", "name": "Spring", "allocation": MONEY, "weeks": 4}
_NEWCOMER = {"email": "new@example.com", "password": PASSWORD, "full_name": "New Person"}

CALLS: dict[str, Call] = {
    "POST /api/auth/register": Call(json=_NEWCOMER, also=("email_taken",)),
    "POST /api/auth/login": Call(json={"email": "{email}", "password": PASSWORD}),
    "POST /api/auth/refresh": Call(json={"refresh_token": "{refresh}"}, fresh=True),
    "POST /api/auth/password/forgot": Call(json={"email": "{email}"}),
    "POST /api/auth/password/reset": Call(json={"token": "none", "password": PASSWORD}, also=("link_ended",)),
    "POST /api/auth/logout": Call(fresh=True),
    "PUT /api/auth/me": Call(json={"full_name": "Another Name"}),
    "DELETE /api/auth/sessions": Call(fresh=True),
    "DELETE /api/auth/sessions/{session_id}": Call(fresh=True),
    "POST /api/auth/tokens": Call(json={"name": "nightly"}),
    "GET /metrics": Call(also=("not_found",)),  # from elsewhere than this machine it does not exist
    "POST /api/session/connect": Call(data={"password": PASSWORD}, also=("not_found",)),
    "GET /auth/oidc/start": Call(also=("not_found",)),
    "GET /auth/oidc/callback": Call(also=("not_found",)),
    "POST /api/models/outlook": Call(json={"dataset_id": "{dataset_id}"}),
    "PUT /api/auth/password": Call(json={"current_password": PASSWORD, "new_password": "Other-horse-8"}, fresh=True),
    "POST /api/auth/second-factor": Call(json={"password": PASSWORD}, fresh=True),
    "POST /api/auth/second-factor/confirm": Call(json={"code": "000000"}, also=("wrong_code", "conflict")),
    "POST /api/auth/second-factor/off": Call(json={"password": PASSWORD, "code": "000000"}, also=("conflict",)),
    "POST /api/session/register": Call(data=_NEWCOMER, also=("email_taken",)),
    "POST /api/session/login": Call(data={"email": "{email}", "password": PASSWORD}),
    "POST /api/session/code": Call(data={"code": "000000"}, also=("not_authenticated",)),
    "POST /api/session/renew": Call(fresh=True, also=("not_authenticated",)),
    "POST /api/session/forgot": Call(data={"email": "{email}"}),
    "POST /api/session/reset": Call(data={"token": "none", "password": PASSWORD}, also=("link_ended",)),
    "POST /api/session/logout": Call(fresh=True),
    "POST /api/session/password": Call(
        data={"current_password": PASSWORD, "new_password": "Other-horse-8"}, fresh=True
    ),
    "POST /api/session/second-factor": Call(data={"password": PASSWORD}, fresh=True),
    "POST /api/session/second-factor/off": Call(data={"password": PASSWORD, "code": "000000"}, also=("conflict",)),
    "POST /api/session/join": Call(data={"token": "{token}"}, fresh=True, also=("conflict",)),
    "POST /api/session/leave": Call(fresh=True, also=("conflict",)),
    "POST /api/session/delete-workspace": Call(data={"name": SECRET}, fresh=True, also=("invalid_input",)),
    "PUT /api/workspace": Call(json={"name": "Renamed"}, fresh=True),
    "PATCH /api/workspace": Call(json={"name": "Renamed"}, fresh=True),
    "DELETE /api/workspace": Call(params={"name": SECRET}, fresh=True, also=("invalid_input",)),
    "PUT /api/workspace/members/{member_id}/role": Call(json={"role": "viewer"}),
    "DELETE /api/workspace/members/{member_id}": Call(fresh=True),
    "POST /api/workspace/invite": Call(json={"role": "viewer"}),
    "DELETE /api/workspace/invitations/{invitation_id}": Call(fresh=True),
    "POST /api/workspace/invite/{token}/accept": Call(fresh=True, also=("conflict",)),
    "POST /api/datasets/upload": Call(files={"file": ("weekly.csv", weekly_csv())}),
    "POST /api/datasets/{dataset_id}/reading": Call(json={"reshape": True}, fresh=True),
    "PUT /api/datasets/{dataset_id}/mapping": Call(json={"column_mapping": MAPPING}, fresh=True),
    "GET /api/datasets/{dataset_id}/table.{kind}": Call(path={"kind": "csv"}),
    "DELETE /api/datasets/{dataset_id}": Call(fresh=True),
    "POST /api/datasets/{dataset_id}/fixes": Call(
        json={"kind": "fill_zero", "arguments": {"column": "tv_spend"}, "preview": True}
    ),
    "DELETE /api/datasets/{dataset_id}/fixes/last": Call(also=("conflict",)),
    "POST /api/datasets/{dataset_id}/fixes/repeat": Call(also=("conflict",)),
    "POST /api/models/run": Call(json={"dataset_id": "{dataset_id}", "config": {"mode": "quick"}}),
    "POST /api/models/preview": Call(json={"dataset_id": "{dataset_id}"}),
    "POST /api/models/{run_id}/cancel": Call(also=("conflict",)),
    "GET /api/models/{run_id}/charts/{key}.csv": Call(path={"key": "roas"}),
    "GET /api/models/{run_id}/report.{kind}": Call(path={"kind": "xlsx"}),
    "POST /api/models/{run_id}/refresh": Call(also=("conflict",)),
    "DELETE /api/models/{run_id}": Call(fresh=True),
    "POST /api/models/{run_id}/shares": Call(json={"view": "executive"}),
    "DELETE /api/shares/{share_id}": Call(fresh=True),
    "GET /api/shared/{token}": Call(path={"token": "{share_token}"}),
    "GET /shared/{token}": Call(path={"token": "{share_token}"}),
    "POST /api/models/{run_id}/comments": Call(json={"text": "Seen."}),
    "DELETE /api/comments/{comment_id}": Call(fresh=True),
    "POST /api/models/{run_id}/optimize": Call(json={"total_budget": 20_000, "weeks": 4}),
    "POST /api/models/{run_id}/evaluate": Call(json={"allocation": MONEY, "weeks": 4}),
    "POST /api/scenarios": Call(json=_PLAN),
    "GET /api/scenarios/compare": Call(params={"ids": ["{scenario_id}", "{other_scenario_id}"]}),
    "PUT /api/scenarios/{scenario_id}": Call(json={"name": "Autumn"}),
    "DELETE /api/scenarios/{scenario_id}": Call(fresh=True),
    "GET /admin/rq": Call(below="/"),
}
"""By row of the table; what has no entry is called without a body."""

NOT_CALLED = {
    "GET /_event": "a socket; tests/e2e calls every event",
    "POST /_upload": "Reflex serves it; the guard before it is called as the upload of the API, and in tests/e2e",
    "GET /ping": "Reflex's",
    "GET /_health": "Reflex's",
    "GET /api/docs/assets": "a directory",
}

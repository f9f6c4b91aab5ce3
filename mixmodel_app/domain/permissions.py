"""Who may do what: one row for every route and for every event handler, written by hand.

The API looks its rows up on every call, so a route without one is closed to everybody. A handler says `requires=` at
its own place, where a page is read as one file. The tests hold both against this table, in both directions, and then
call everything as everybody; `tools/permissions_page.py` writes docs/permissions.md from it.
"""

from dataclasses import dataclass

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.errors import NotAllowed


@dataclass(frozen=True, slots=True)
class Access:
    """One row.

    Attributes:
        role: the least role; None for whoever comes.
        own: the role is enough for what is one's own, another's needs an admin.
        note: why it is open, or what else is asked for.
    """

    role: Role | None
    own: bool = False
    note: str = ""

    def check(self, principal: Principal) -> None:
        """Raise `NotAllowed` unless this person's role is enough; whose a thing is, the service looks at."""
        if self.role is not None:
            principal.require(self.role)


def anyone(note: str) -> Access:
    return Access(None, note=note)


def own(role: Role, note: str) -> Access:
    return Access(role, own=True, note=note)


VIEWER, MEMBER, ADMIN = Access(Role.VIEWER), Access(Role.MEMBER), Access(Role.ADMIN)
ONESELF = Access(Role.VIEWER, note="one's own account alone")

ROUTES: dict[str, Access] = {
    # Accounts
    "POST /api/auth/register": anyone("makes the account"),
    "POST /api/auth/login": anyone("asks for the password"),
    "POST /api/auth/refresh": anyone("asks for the refresh token"),
    "POST /api/auth/password/forgot": anyone("answers the same to everyone; the link goes to the owner of the account"),
    "POST /api/auth/password/reset": anyone("asks for the token of that link"),
    "POST /api/auth/logout": ONESELF,
    "GET /api/auth/me": ONESELF,
    "PUT /api/auth/me": ONESELF,
    "GET /api/auth/sessions": ONESELF,
    "DELETE /api/auth/sessions": ONESELF,
    "DELETE /api/auth/sessions/{session_id}": ONESELF,
    "PUT /api/auth/password": Access(Role.VIEWER, note="one's own, by the old one"),
    "GET /api/auth/tokens": ONESELF,
    "POST /api/auth/tokens": ONESELF,
    "DELETE /api/auth/tokens": ONESELF,
    "DELETE /api/auth/tokens/{token_id}": ONESELF,
    "GET /api/auth/second-factor": ONESELF,
    "POST /api/auth/second-factor": Access(Role.VIEWER, note="one's own, by the password"),
    "POST /api/auth/second-factor/confirm": ONESELF,
    "POST /api/auth/second-factor/off": Access(Role.VIEWER, note="one's own, by password and code"),
    # The forms of browsers: cookies and the origin count
    "POST /api/session/register": anyone("makes the account"),
    "POST /api/session/login": anyone("asks for the password"),
    "POST /api/session/code": anyone("asks for the cookie of the first step and for the code"),
    "POST /api/session/renew": anyone("asks for the refresh cookie"),
    "POST /api/session/forgot": anyone("answers the same to everyone"),
    "POST /api/session/reset": anyone("asks for the token of that link"),
    "POST /api/session/logout": anyone("forgets the cookies of whoever calls, and ends their sign-in"),
    "POST /api/session/password": Access(Role.VIEWER, note="one's own, by the old one"),
    "POST /api/session/second-factor": Access(Role.VIEWER, note="one's own, by the password"),
    "POST /api/session/second-factor/off": Access(Role.VIEWER, note="one's own, by password and code"),
    "POST /api/session/connect": anyone("asks for the cookie of the provider's word and for the password"),
    "GET /auth/oidc/start": anyone("leads to the sign-in provider; with `connect`, asks for the session's cookies"),
    "GET /auth/oidc/callback": anyone("asks for the cookie of the way there and the provider's word"),
    "POST /api/session/join": Access(Role.VIEWER, note="by the token of an invitation"),
    "POST /api/session/leave": ONESELF,
    "POST /api/session/delete-workspace": Access(Role.ADMIN, note="by its name"),
    # The workspace and its people
    "GET /api/workspace": VIEWER,
    "PUT /api/workspace": ADMIN,
    "PATCH /api/workspace": ADMIN,
    "DELETE /api/workspace": Access(Role.ADMIN, note="by its name"),
    "GET /api/workspace/stats": VIEWER,
    "GET /api/workspace/export": ADMIN,
    "GET /api/workspace/audit": ADMIN,
    "GET /api/workspace/audit.csv": ADMIN,
    "GET /api/workspace/members": Access(Role.VIEWER, note="when someone was here last is told to admins"),
    "PUT /api/workspace/members/{member_id}/role": ADMIN,
    "DELETE /api/workspace/members/{member_id}": own(Role.VIEWER, "everyone may leave, admins remove others"),
    "POST /api/workspace/members/{member_id}/reset-link": ADMIN,
    "POST /api/workspace/invite": ADMIN,
    "GET /api/workspace/invitations": ADMIN,
    "DELETE /api/workspace/invitations/{invitation_id}": ADMIN,
    "POST /api/workspace/invite/{token}/accept": Access(Role.VIEWER, note="by the token of an invitation"),
    # Datasets
    "POST /api/datasets/upload": MEMBER,
    "GET /api/datasets": VIEWER,
    "GET /api/datasets/{dataset_id}": VIEWER,
    "GET /api/datasets/{dataset_id}/preview": VIEWER,
    "POST /api/datasets/{dataset_id}/reading": MEMBER,
    "PUT /api/datasets/{dataset_id}/mapping": MEMBER,
    "POST /api/datasets/{dataset_id}/validate": MEMBER,
    "GET /api/datasets/{dataset_id}/answerability": VIEWER,
    "GET /api/datasets/{dataset_id}/changes": VIEWER,
    "GET /api/datasets/{dataset_id}/table.{kind}": VIEWER,
    "GET /api/datasets/{dataset_id}/findings.csv": VIEWER,
    "DELETE /api/datasets/{dataset_id}": MEMBER,
    "GET /api/datasets/{dataset_id}/fixes": VIEWER,
    "POST /api/datasets/{dataset_id}/fixes": MEMBER,
    "DELETE /api/datasets/{dataset_id}/fixes/last": MEMBER,
    "POST /api/datasets/{dataset_id}/fixes/repeat": MEMBER,
    # Runs
    "POST /api/models/run": MEMBER,
    "POST /api/models/preview": MEMBER,
    "POST /api/models/outlook": MEMBER,
    "GET /api/models": VIEWER,
    "GET /api/models/{run_id}": VIEWER,
    "GET /api/models/{run_id}/progress": Access(Role.VIEWER, note="takes `?token=` too"),
    "POST /api/models/{run_id}/cancel": MEMBER,
    "GET /api/models/{run_id}/results": VIEWER,
    "GET /api/models/{run_id}/charts/{key}.csv": VIEWER,
    "GET /api/models/{run_id}/artifact": VIEWER,
    "GET /api/models/{run_id}/draws.parquet": VIEWER,
    "GET /api/models/{run_id}/notebook.ipynb": VIEWER,
    "GET /api/models/{run_id}/report.{kind}": VIEWER,
    "GET /api/models/{run_id}/compare/{other_id}": VIEWER,
    "POST /api/models/{run_id}/refresh": MEMBER,
    "DELETE /api/models/{run_id}": own(Role.MEMBER, "who started it, or an admin"),
    # Links and comments
    "GET /api/models/{run_id}/shares": VIEWER,
    "POST /api/models/{run_id}/shares": MEMBER,
    "DELETE /api/shares/{share_id}": MEMBER,
    "GET /api/shared/{token}": anyone("asks for the token of a link, and shows its one view"),
    "GET /shared/{token}": anyone("the same as a page"),
    "GET /api/models/{run_id}/comments": VIEWER,
    "POST /api/models/{run_id}/comments": MEMBER,
    "DELETE /api/comments/{comment_id}": own(Role.MEMBER, "who wrote it, or an admin"),
    # Budget
    "POST /api/models/{run_id}/optimize": VIEWER,
    "POST /api/models/{run_id}/evaluate": VIEWER,
    "POST /api/scenarios": MEMBER,
    "GET /api/scenarios": VIEWER,
    "GET /api/scenarios/compare": VIEWER,
    "GET /api/scenarios/{scenario_id}": VIEWER,
    "PUT /api/scenarios/{scenario_id}": MEMBER,
    "DELETE /api/scenarios/{scenario_id}": own(Role.MEMBER, "who kept it, or an admin"),
    # The installation
    "GET /health": anyone("for load balancers; says nothing but ok or error"),
    "GET /health/live": anyone("for load balancers"),
    "GET /metrics": anyone("for programs of this machine, or by METRICS_TOKEN; names no workspace"),
    "GET /api/docs": anyone("what the API looks like, the same for everyone"),
    "GET /api/docs/start.js": anyone("part of that page"),
    "GET /api/docs/assets": anyone("scripts and styles of that page"),
    "GET /api/openapi.json": anyone("what the API looks like, the same for everyone"),
    "GET /admin/rq": Access(Role.ADMIN, note="by cookies; operators only (`OPERATORS`)"),
    # Reflex
    "POST /_upload": Access(Role.MEMBER, note="by cookies, before the body is read; then as `UploadState.receive`"),
    "GET /_event": anyone("the socket of the pages, for our own origin; every event asks who sends it"),
    "GET /ping": anyone("says pong"),
    "GET /_health": anyone("says whether Reflex has its store"),
}
"""By method and path, as the route declares it."""

HANDLERS: dict[str, Access] = {
    "SessionState.arrive": VIEWER,
    "SessionState.dismiss_error": anyone("takes away the message that the tab already shows"),
    # One's own account
    "AccountState.load": ONESELF,
    "AccountState.type_name": ONESELF,
    "AccountState.save_name": ONESELF,
    "AccountState.end_session": ONESELF,
    "AccountState.end_other_sessions": ONESELF,
    "SecondFactorState.load_second_factor": ONESELF,
    "SecondFactorState.type_code": ONESELF,
    "SecondFactorState.confirm": ONESELF,
    "IdentityState.load_identity": ONESELF,
    "IdentityState.disconnect": ONESELF,
    "TokensState.load_tokens": ONESELF,
    "TokensState.type_token_name": ONESELF,
    "TokensState.choose_scope": ONESELF,
    "TokensState.choose_span": ONESELF,
    "TokensState.make_token": ONESELF,
    "TokensState.hide_token": ONESELF,
    "TokensState.revoke_token": ONESELF,
    "TokensState.revoke_all_tokens": ONESELF,
    "ProviderState.look_for_provider": anyone("tells the name of the sign-in provider, the same to everyone"),
    "ConnectState.look": anyone("asks for the cookie of the provider's word"),
    "JoinState.look": anyone("asks for the token of an invitation, and tells what it invites to"),
    # The workspace and its people
    "HomeState.load": VIEWER,
    "HomeState.open_sample": MEMBER,
    "HomeState.remove_sample": MEMBER,
    "MembersState.load": ADMIN,
    "MembersState.type_email": ADMIN,
    "MembersState.choose_role": ADMIN,
    "MembersState.invite": ADMIN,
    "MembersState.revoke": ADMIN,
    "MembersState.change_role": ADMIN,
    "MembersState.remove": ADMIN,
    "MembersState.make_reset_link": ADMIN,
    "SettingsState.load": ADMIN,
    "SettingsState.name": ADMIN,
    "SettingsState.save": ADMIN,
    "SettingsState.choose": ADMIN,
    "SettingsState.save_numbers": ADMIN,
    "AuditState.load": ADMIN,
    "AuditState.of_person": ADMIN,
    "AuditState.of_kind": ADMIN,
    "AuditState.from_day": ADMIN,
    "AuditState.to_day": ADMIN,
    "AuditState.more": ADMIN,
    "WorkspaceDataState.load": ADMIN,
    "OperationsState.load": ADMIN,
    "OperationsState.retry": ADMIN,
    # Datasets
    "DatasetsState.load": VIEWER,
    "DatasetsState.more": VIEWER,
    "DatasetsState.delete": MEMBER,
    "UploadState.load": MEMBER,
    "UploadState.progress": MEMBER,
    "UploadState.refuse": MEMBER,
    "UploadState.give_up": MEMBER,
    "UploadState.receive": MEMBER,
    "ColumnsState.load": VIEWER,
    "ColumnsState.read_again": MEMBER,
    "ColumnsState.choose": MEMBER,
    "ColumnsState.name_channel": MEMBER,
    "ColumnsState.choose_spend": MEMBER,
    "ColumnsState.choose_outcome": MEMBER,
    "ColumnsState.confirm_columns": MEMBER,
    "CheckState.load": VIEWER,
    "CheckState.check_again": MEMBER,
    "CheckState.toggle_rows": VIEWER,
    "CheckState.apply_fix": MEMBER,
    "CheckState.apply_safe": MEMBER,
    "CheckState.undo": MEMBER,
    "CheckState.repeat": MEMBER,
    # Runs
    "NewRunState.load": MEMBER,
    "NewRunState.choose_mode": MEMBER,
    "NewRunState.reset_settings": MEMBER,
    "NewRunState.change": MEMBER,
    "NewRunState.change_row": MEMBER,
    "NewRunState.add_row": MEMBER,
    "NewRunState.remove_row": MEMBER,
    "NewRunState.look_ahead": MEMBER,
    "NewRunState.start": MEMBER,
    "RunsState.load": VIEWER,
    "RunsState.more": VIEWER,
    "RunsState.delete": own(Role.MEMBER, "who started it, or an admin"),
    "RunState.load": VIEWER,
    "RunState.watch": VIEWER,
    "RunState.cancel": MEMBER,
    "RunState.retry": MEMBER,
    "ResultsState.load": VIEWER,
    "ResultsState.show_late": VIEWER,
    "ResultsState.change_lens": VIEWER,
    "ResultsState.apply_lens": VIEWER,
    "CompareState.load": VIEWER,
    "CompareState.choose": VIEWER,
    # Links and comments
    "TeamState.load_team": VIEWER,
    "TeamState.refresh": MEMBER,
    "TeamState.choose_view": MEMBER,
    "TeamState.choose_days": MEMBER,
    "TeamState.make_link": MEMBER,
    "TeamState.revoke": MEMBER,
    "TeamState.write": MEMBER,
    "TeamState.comment": MEMBER,
    "TeamState.forget": own(Role.MEMBER, "who wrote it, or an admin"),
    # Budget
    "BudgetState.load": VIEWER,
    "BudgetState.place": VIEWER,
    "BudgetState.nudge": VIEWER,
    "BudgetState.lock": VIEWER,
    "BudgetState.bound": VIEWER,
    "BudgetState.change": VIEWER,
    "BudgetState.solve": VIEWER,
    "BudgetState.undo": VIEWER,
    "BudgetState.restart": VIEWER,
    "BudgetState.unbound": VIEWER,
    "ScenarioState.load": VIEWER,
    "ScenarioState.rename": MEMBER,
    "ScenarioState.save": MEMBER,
    "ScenarioState.reopen": VIEWER,
    "ScenarioState.remove": own(Role.MEMBER, "who kept it, or an admin"),
    "ScenarioState.pick": VIEWER,
    # Reflex's own, on every state
    "hydrate": anyone("sends a tab its state, which is bound to a person and reset when another comes"),
    "hydrate_and_load": anyone("the same, then the page's loaders, which are guarded"),
    "set_is_hydrated": anyone("sets a flag of the tab"),
    "on_load_internal": anyone("runs the page's loaders, which are guarded"),
    "update_vars_internal": anyone("sets variables that live in the browser; we have none"),
    "handle_frontend_exception": anyone("logs what a browser reports"),
    "setvar": anyone("calls a method `set_<name>` of the state; ours have none, which a test sees to"),
}
"""By state and method; Reflex's own by method alone."""


def of_route(method: str, path: str) -> Access | None:
    """The row of a route, by its path as it is declared; reading without a body counts as reading."""
    return ROUTES.get(f"{'GET' if method == 'HEAD' else method} {path}")


def check_route(method: str, path: str, principal: Principal) -> None:
    """Whether this person may call this route.

    Raises:
        NotAllowed: the role is too low, or nobody has written down who may.
    """
    row = of_route(method, path)
    if row is None:
        raise NotAllowed("This is not open to anyone yet.", hint="It has no row in the table of permissions.")
    row.check(principal)

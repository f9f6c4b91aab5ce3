"""A workspace with people of every role and one of each thing, and a stranger who is the admin of another one."""

from dataclasses import dataclass
from functools import cache
from uuid import UUID, uuid4

from mixmodel_app.domain.account import Principal, Role
from mixmodel_app.domain.scenario import ScenarioPlan
from mixmodel_app.services import accounts, comments, invitations, passwords, scenarios, shares
from mixmodel_app.services.results import View
from mixmodel_app.storage import db
from mixmodel_app.storage.models import Dataset, User, Workspace
from tests.integration.scenes import CompletedFit

PASSWORD = "Correct-horse-7"
SECRET = "Quiet Harbour"
"""Stands in the names of everything in the workspace; a stranger must never read it."""


@dataclass(frozen=True)
class Resident:
    """Someone with an account, signed in."""

    principal: Principal
    access: str
    refresh: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"mm_access={self.access}; mm_refresh={self.refresh}"}


@dataclass(frozen=True)
class House:
    """Everyone by role, with "stranger" from elsewhere, and the ids of what the admin made, by placeholder."""

    people: dict[str, Resident]
    things: dict[str, str]


def build_house(fit: CompletedFit) -> House:
    """Rows and files as if all of it had been made by hand; only the passwords are hashed once for all."""
    home, elsewhere = _workspace(SECRET), _workspace("Elsewhere")
    people = {role.value: _person(home, role.value, role) for role in Role}
    people["stranger"] = _person(elsewhere, "stranger", Role.ADMIN)
    owner = people["admin"].principal
    return House(
        people, things_of(fit, owner) | {"member_id": str(_person(home, "spare", Role.MEMBER).principal.user_id)}
    )


def things_of(fit: CompletedFit, owner: Principal) -> dict[str, str]:
    """One of each thing, made by this person."""
    dataset_id, run_id = fit.copy_for(owner)
    earlier_id, other_id = fit.copy_for(owner)
    _set_earlier(dataset_id, earlier_id)
    run = UUID(run_id)
    plan = ScenarioPlan(allocation={"TV": 10_000.0, "Search": 5_000.0}, weeks=4)
    share = shares.create(owner, run, View.EXECUTIVE)
    kept = [scenarios.save(owner, run, f"{SECRET} {name}", plan)["id"] for name in ("spring", "autumn")]
    invitation = invitations.create(owner, Role.VIEWER) if owner.role is Role.ADMIN else {"id": "", "token": ""}
    return {
        "dataset_id": dataset_id,
        "run_id": run_id,
        "other_id": other_id,
        "share_id": share["id"],
        "share_token": share["token"],
        "comment_id": comments.add(owner, run, f"{SECRET} is quiet.")["id"],
        "scenario_id": kept[0],
        "other_scenario_id": kept[1],
        "invitation_id": invitation["id"],
        "token": invitation["token"],
    }


def sign_in(user: User) -> Resident:
    """One more sign-in of this person."""
    pair = accounts.enter(user)
    return Resident(accounts.principal_from_access(pair.access_token), pair.access_token, pair.refresh_token or "")


def _set_earlier(dataset_id: str, earlier_id: str) -> None:
    with db.system_transaction() as session:
        row = session.get(Dataset, UUID(dataset_id))
        assert row is not None
        row.previous_id, row.version = UUID(earlier_id), 2


@cache
def _hashed() -> str:
    return passwords.hash_password(PASSWORD)


def _workspace(name: str) -> UUID:
    with db.system_transaction() as session:
        row = Workspace(name=name)
        session.add(row)
    return row.id


def _person(workspace_id: UUID, name: str, role: Role) -> Resident:
    user = User(
        email=f"{name}-{uuid4().hex[:8]}@example.com",
        hashed_password=_hashed(),
        full_name=f"{name.title()} of {SECRET}" if name != "stranger" else "A stranger",
        workspace_id=workspace_id,
        role=role.value,
    )
    with db.system_transaction() as session:
        session.add(user)
    return sign_in(user)

"""The tables (API.md "Tables"). Ids are UUIDv7 made in Python, times are `timestamptz` in UTC."""

from datetime import UTC, datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    desc,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import defer
from sqlmodel import Field, SQLModel

from mixmodel_app.domain.account import Role
from mixmodel_app.domain.dataset import DatasetStatus, Frequency
from mixmodel_app.domain.ids import uuid7
from mixmodel_app.domain.run import RunStatus, Stage

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Timestamp: Any = DateTime(timezone=True)
_ORDERED: Any = JSON(none_as_null=True)
"""JSON as it was written: JSONB puts keys into an order of its own."""


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def _created() -> Any:
    return Field(
        default_factory=now, sa_type=Timestamp, sa_column_kwargs={"server_default": func.now()}, nullable=False
    )


class Workspace(SQLModel, table=True):
    """A team: everything else belongs to one. `preferences` is `domain.preferences.Preferences` as JSON."""

    __tablename__: ClassVar[Any] = "workspaces"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str = Field(max_length=255)
    preferences: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSONB, sa_column_kwargs={"server_default": "{}"}, nullable=False
    )
    created_at: datetime = _created()


class User(SQLModel, table=True):
    """A person, in one workspace. `email` is stored in lower case."""

    __tablename__: ClassVar[Any] = "users"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    email: str = Field(max_length=255, unique=True, index=True)
    hashed_password: str = Field(max_length=255, repr=False)
    full_name: str = Field(max_length=255)
    role: str = Field(default=Role.ADMIN.value, max_length=50, sa_column_kwargs={"server_default": "admin"})
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    last_seen_at: datetime | None = Field(default=None, sa_type=Timestamp)
    created_at: datetime = _created()


class Invitation(SQLModel, table=True):
    """A link by which one person joins a workspace with a role. Of its token only the SHA-256 is kept.

    With an `email` only that address may use it.
    """

    __tablename__: ClassVar[Any] = "invitations"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    invited_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    email: str | None = Field(default=None, max_length=255)
    role: str = Field(max_length=50)
    token_hash: str = Field(max_length=64, unique=True, index=True)
    expires_at: datetime = Field(sa_type=Timestamp, nullable=False)
    accepted_at: datetime | None = Field(default=None, sa_type=Timestamp)
    revoked_at: datetime | None = Field(default=None, sa_type=Timestamp)
    created_at: datetime = _created()


class LoginSession(SQLModel, table=True):
    """One sign-in: the family of all refresh tokens that were rotated out of each other.

    `current_jti` is the one refresh token that is valid; presenting another of the family revokes it.
    `access_expires_at` is when the newest access token of the family ends. `last_used_at` and `address` say when and
    from where it was used last, to the minute.
    """

    __tablename__: ClassVar[Any] = "login_sessions"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    current_jti: UUID
    previous_jti: UUID | None = None
    rotated_at: datetime = Field(default_factory=now, sa_type=Timestamp, nullable=False)
    access_expires_at: datetime = Field(sa_type=Timestamp, nullable=False)
    expires_at: datetime = Field(sa_type=Timestamp, nullable=False)
    revoked_at: datetime | None = Field(default=None, sa_type=Timestamp)
    user_agent: str = Field(default="", max_length=255)
    address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    last_used_at: datetime = _created()
    created_at: datetime = _created()


class PersonalToken(SQLModel, table=True):
    """A token by which a person's scripts act for them in one workspace. Of the token only the SHA-256 is kept.

    `scope` is a `domain.account.TokenScope`. Without `expires_at` it works until it is revoked, which deletes the row.
    `last_used_at` and `last_address` say when and from where it was used last, to the minute.
    """

    __tablename__: ClassVar[Any] = "personal_tokens"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=255)
    scope: str = Field(max_length=50)
    token_hash: str = Field(max_length=64, unique=True, index=True, repr=False)
    expires_at: datetime | None = Field(default=None, sa_type=Timestamp)
    last_used_at: datetime | None = Field(default=None, sa_type=Timestamp)
    last_address: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    created_at: datetime = _created()


class SecondFactor(SQLModel, table=True):
    """The second factor of one person: codes by time (RFC 6238), and recovery codes of which only hashes are kept.

    The secret is not here: it is derived from `nonce` and the installation's own key. It counts once `confirmed_at` is
    set. `last_step` is the time step of the last code, so that none works twice.
    """

    __tablename__: ClassVar[Any] = "second_factors"

    user_id: UUID = Field(primary_key=True, foreign_key="users.id", ondelete="CASCADE")
    nonce: str = Field(max_length=64)
    confirmed_at: datetime | None = Field(default=None, sa_type=Timestamp)
    last_step: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    recovery: list[str] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    created_at: datetime = _created()


class Identity(SQLModel, table=True):
    """Whom an OpenID Connect provider knows a person as: by its address and its own name for them, never by an email.

    `email` is what the provider had verified when they were connected, "" when it had not.
    """

    __tablename__: ClassVar[Any] = "identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    issuer: str = Field(max_length=512)
    subject: str = Field(max_length=255)
    email: str = Field(default="", max_length=255)
    created_at: datetime = _created()


class PasswordReset(SQLModel, table=True):
    """A one-time link by which a person sets a new password: a signed token that names this row. Its use deletes it."""

    __tablename__: ClassVar[Any] = "password_resets"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    expires_at: datetime = Field(sa_type=Timestamp, nullable=False)
    created_at: datetime = _created()


class AuditEvent(SQLModel, table=True):
    """Who did what, on what, when and from where. Rows are added and never changed.

    `actor_id` is no foreign key and `actor` a text, so that the row outlives the account. A failed sign-in of an
    unknown email has no workspace: it is written because that of a known one is, and takes the same time.
    """

    __tablename__: ClassVar[Any] = "audit_events"
    __table_args__ = (Index("ix_audit_events_workspace_id_id", "workspace_id", desc("id")),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID | None = Field(default=None, foreign_key="workspaces.id", ondelete="CASCADE")
    actor_id: UUID | None = Field(default=None)
    actor: str = Field(default="", max_length=255)
    action: str = Field(max_length=50)
    subject: str = Field(default="", max_length=512)
    address: str = Field(default="", max_length=64)
    created_at: datetime = _created()


class Dataset(SQLModel, table=True):
    """An uploaded table.

    `s3_key` is the raw file, `read_key` the table as it was read, `table_key` the canonical CSV as it is now, after the
    `fixes` (their log, oldest first); each table lies as CSV and Parquet side by side, and `digest` is that of the
    current CSV. `profile` is what reading found, `reading` what a person decided about it. `previous_id` is the last
    upload of the same source.
    """

    __tablename__: ClassVar[Any] = "datasets"
    __table_args__ = (
        CheckConstraint("status IN ('uploaded', 'validated', 'validation_error')", name="status"),
        Index("ix_datasets_workspace_id_created_at", "workspace_id", desc("created_at")),
        Index("ix_datasets_workspace_id_id", "workspace_id", desc("id")),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    uploaded_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    filename: str = Field(max_length=255)
    s3_key: str = Field(max_length=512)
    table_key: str = Field(max_length=512)
    read_key: str | None = Field(default=None, max_length=512)
    digest: str | None = Field(default=None, max_length=64)
    header_signature: str | None = Field(default=None, max_length=64, index=True)
    previous_id: UUID | None = Field(default=None, foreign_key="datasets.id", index=True, ondelete="SET NULL")
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    reading: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    fixes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    row_count: int = 0
    date_range_start: datetime | None = Field(default=None, sa_type=Timestamp)
    date_range_end: datetime | None = Field(default=None, sa_type=Timestamp)
    frequency: str = Field(
        default=Frequency.WEEKLY.value, max_length=20, sa_column_kwargs={"server_default": Frequency.WEEKLY.value}
    )
    profile: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    column_mapping: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    validation_report: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    status: str = Field(
        default=DatasetStatus.UPLOADED.value,
        max_length=50,
        sa_column_kwargs={"server_default": DatasetStatus.UPLOADED.value},
    )
    is_sample: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime = _created()


class ModelRun(SQLModel, table=True):
    """One fit. Only the holder of `lease_token` writes while it runs; `heartbeat_at` says that it is alive.

    `attempt` numbers the jobs of a run; `losses` counts those whose process died, which a planned stop is not.
    `table_key` is the table that was asked for; `fingerprint` is a digest of data, mapping, settings and version;
    `request_key` is what the caller named the request by, `request_digest` says what was asked; `data_notes` holds the
    repairs of the data and the warnings that were waved through; `headline` is a `domain.headline.Headline`, None for
    what ended under an older version; `estimate_s` is how long a worker of pace 1 should
    need; `in_line_since` says that the run has left its workspace's backlog for the queue.

    A failed run with draws was cut short by its time limit: what it had sampled is kept.
    """

    __tablename__: ClassVar[Any] = "model_runs"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'completed', 'failed', 'cancelled')", name="status"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        Index("ix_model_runs_workspace_id_created_at", "workspace_id", desc("created_at")),
        Index("ix_model_runs_workspace_id_id", "workspace_id", desc("id")),
        Index("ix_model_runs_workspace_id_status", "workspace_id", "status"),
        Index("ix_model_runs_status", "status"),
        Index(
            "ix_model_runs_unfinished",
            *("workspace_id", "id"),
            postgresql_where=text("status IN ('queued', 'running')"),
        ),
        Index(
            "ix_model_runs_workspace_id_created_by_request_key",
            *("workspace_id", "created_by", "request_key"),
            unique=True,
        ),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    dataset_id: UUID = Field(foreign_key="datasets.id", index=True, ondelete="CASCADE")
    created_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    name: str = Field(max_length=255)
    status: str = Field(
        default=RunStatus.QUEUED.value, max_length=50, sa_column_kwargs={"server_default": RunStatus.QUEUED.value}
    )
    stage: str = Field(
        default=Stage.QUEUED.value, max_length=50, sa_column_kwargs={"server_default": Stage.QUEUED.value}
    )
    progress: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    message: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    config: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    column_mapping: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    table_key: str | None = Field(default=None, max_length=512)
    data_notes: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    results: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    headline: dict[str, Any] | None = Field(default=None, sa_type=_ORDERED)
    model_artifact_s3_key: str | None = Field(default=None, max_length=512)
    draws_key: str | None = Field(default=None, max_length=512)
    fingerprint: str | None = Field(default=None, max_length=64, index=True)
    request_key: str | None = Field(default=None, max_length=255)
    request_digest: str | None = Field(default=None, max_length=64)
    error_message: str | None = Field(default=None, sa_type=Text)
    error_detail: str | None = Field(default=None, sa_type=Text)
    is_sample: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    estimate_s: float | None = None
    priority: int = Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})
    in_line_since: datetime | None = Field(default=None, sa_type=Timestamp)
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    losses: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    lease_token: UUID | None = None
    heartbeat_at: datetime | None = Field(default=None, sa_type=Timestamp)
    cancel_requested: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    started_at: datetime | None = Field(default=None, sa_type=Timestamp)
    completed_at: datetime | None = Field(default=None, sa_type=Timestamp)
    created_at: datetime = _created()

    @property
    def is_incomplete(self) -> bool:
        """Whether the run has results that are rougher than they should be."""
        return self.status == RunStatus.FAILED.value and self.draws_key is not None


class Scenario(SQLModel, table=True):
    """A budget plan that someone kept: the question behind it, its money and what it would bring by its run.

    `plan` is a `domain.scenario.ScenarioPlan`, `evaluation` a `domain.budget.Evaluation`, both as JSON.
    """

    __tablename__: ClassVar[Any] = "scenarios"
    __table_args__ = (
        Index("ix_scenarios_workspace_id_created_at", "workspace_id", desc("created_at")),
        Index("ix_scenarios_workspace_id_id", "workspace_id", desc("id")),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    run_id: UUID = Field(foreign_key="model_runs.id", index=True, ondelete="CASCADE")
    dataset_id: UUID = Field(foreign_key="datasets.id", index=True, ondelete="CASCADE")
    created_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    name: str = Field(max_length=255)
    plan: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    evaluation: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    created_at: datetime = _created()


class Share(SQLModel, table=True):
    """A link by which anyone may read one view of one run. Of its token only the SHA-256 is kept."""

    __tablename__: ClassVar[Any] = "shares"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    run_id: UUID = Field(foreign_key="model_runs.id", index=True, ondelete="CASCADE")
    created_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    view: str = Field(max_length=50)
    token_hash: str = Field(max_length=64, unique=True, index=True)
    expires_at: datetime = Field(sa_type=Timestamp, nullable=False)
    revoked_at: datetime | None = Field(default=None, sa_type=Timestamp)
    created_at: datetime = _created()


class Comment(SQLModel, table=True):
    """What a person noted on a run; the name stays when the account goes."""

    __tablename__: ClassVar[Any] = "comments"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    run_id: UUID = Field(foreign_key="model_runs.id", index=True, ondelete="CASCADE")
    author_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    author_name: str = Field(max_length=255)
    text: str = Field(sa_type=Text)
    created_at: datetime = _created()


WITHOUT_RESULTS: Any = defer(cast("Any", ModelRun.results)).defer(cast("Any", ModelRun.headline))
"""Query option that leaves a run's results (a megabyte or so) and their headline in the database."""

"""The tables (API.md "Tables"). Ids are UUIDv7 made in Python, times are `timestamptz` in UTC."""

from datetime import UTC, datetime
from typing import Any, ClassVar, cast
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, Text, desc, false, func
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


def now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


def _created() -> Any:
    return Field(
        default_factory=now, sa_type=Timestamp, sa_column_kwargs={"server_default": func.now()}, nullable=False
    )


class Workspace(SQLModel, table=True):
    """A team: everything else belongs to one."""

    __tablename__: ClassVar[Any] = "workspaces"

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    name: str = Field(max_length=255)
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
    created_at: datetime = _created()


class LoginSession(SQLModel, table=True):
    """One sign-in: the family of all refresh tokens that were rotated out of each other.

    `current_jti` is the one refresh token that is valid; presenting another of the family revokes it.
    `access_expires_at` is when the newest access token of the family ends.
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
    created_at: datetime = _created()


class Dataset(SQLModel, table=True):
    """An uploaded table. `s3_key` is the raw file, `table_key` the canonical CSV; `profile` what reading found."""

    __tablename__: ClassVar[Any] = "datasets"
    __table_args__ = (
        CheckConstraint("status IN ('uploaded', 'validated', 'validation_error')", name="status"),
        Index("ix_datasets_workspace_id_created_at", "workspace_id", desc("created_at")),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    workspace_id: UUID = Field(foreign_key="workspaces.id", index=True, ondelete="CASCADE")
    uploaded_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL")
    filename: str = Field(max_length=255)
    s3_key: str = Field(max_length=512)
    table_key: str = Field(max_length=512)
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

    `fingerprint` is a digest of data, mapping, settings and version. A failed run with draws was cut short by its time
    limit: what it had sampled is kept.
    """

    __tablename__: ClassVar[Any] = "model_runs"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'completed', 'failed', 'cancelled')", name="status"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        Index("ix_model_runs_workspace_id_created_at", "workspace_id", desc("created_at")),
        Index("ix_model_runs_status", "status"),
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
    results: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    model_artifact_s3_key: str | None = Field(default=None, max_length=512)
    draws_key: str | None = Field(default=None, max_length=512)
    fingerprint: str | None = Field(default=None, max_length=64, index=True)
    error_message: str | None = Field(default=None, sa_type=Text)
    error_detail: str | None = Field(default=None, sa_type=Text)
    is_sample: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
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

    @property
    def is_readable(self) -> bool:
        """Whether there are results to look at."""
        return self.status == RunStatus.COMPLETED.value or self.is_incomplete


WITHOUT_RESULTS: Any = defer(cast("Any", ModelRun.results))
"""Query option that leaves a run's results (a megabyte or so) in the database."""

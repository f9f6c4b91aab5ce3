"""What the audit log of a workspace tells: each thing that is worth asking about later."""

from enum import StrEnum


class Action(StrEnum):
    """One kind of event. The value is stored and is what the API and the CSV say; `label` is what people read."""

    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    TOKEN_REUSED = "token_reused"
    PASSWORD_CHANGED = "password_changed"
    RESET_ASKED = "reset_asked"
    RESET_LINK_MADE = "reset_link_made"
    PASSWORD_RESET = "password_reset"
    SECOND_FACTOR_ON = "second_factor_on"
    SECOND_FACTOR_OFF = "second_factor_off"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    RECOVERY_CODE_USED = "recovery_code_used"
    TOKEN_MADE = "token_made"
    TOKEN_REVOKED = "token_revoked"
    IDENTITY_CONNECTED = "identity_connected"
    IDENTITY_DISCONNECTED = "identity_disconnected"
    INVITED = "invited"
    INVITATION_REVOKED = "invitation_revoked"
    JOINED = "joined"
    ROLE_CHANGED = "role_changed"
    MEMBER_REMOVED = "member_removed"
    LEFT = "left"
    WORKSPACE_RENAMED = "workspace_renamed"
    WORKSPACE_EXPORTED = "workspace_exported"
    EXPORTED = "exported"
    DATASET_DELETED = "dataset_deleted"
    RUN_DELETED = "run_deleted"
    RUN_EXPIRED = "run_expired"
    MODEL_FILE_EXPIRED = "model_file_expired"
    SHARED = "shared"
    SHARE_REVOKED = "share_revoked"

    @property
    def label(self) -> str:
        """A few words in the past tense."""
        return _LABELS.get(self, self.value.replace("_", " ").capitalize())


_LABELS = {
    Action.REGISTERED: "Made the account",
    Action.SIGN_IN_FAILED: "Failed to sign in",
    Action.SESSIONS_ENDED: "Ended sessions",
    Action.TOKEN_REUSED: "Used a session twice, so it was ended",
    Action.PASSWORD_CHANGED: "Changed the password",
    Action.RESET_ASKED: "Asked for a new password",
    Action.RESET_LINK_MADE: "Made a link for a new password",
    Action.PASSWORD_RESET: "Set a new password by link",
    Action.SECOND_FACTOR_ON: "Switched the second factor on",
    Action.SECOND_FACTOR_OFF: "Switched the second factor off",
    Action.SECOND_FACTOR_FAILED: "Gave a wrong second factor",
    Action.RECOVERY_CODE_USED: "Used a recovery code",
    Action.TOKEN_MADE: "Made a personal token",
    Action.TOKEN_REVOKED: "Revoked a personal token",
    Action.IDENTITY_CONNECTED: "Connected a sign-in provider",
    Action.IDENTITY_DISCONNECTED: "Disconnected a sign-in provider",
    Action.INVITATION_REVOKED: "Revoked an invitation",
    Action.JOINED: "Joined by invitation",
    Action.ROLE_CHANGED: "Changed a role",
    Action.MEMBER_REMOVED: "Removed a member",
    Action.LEFT: "Left the workspace",
    Action.WORKSPACE_RENAMED: "Renamed the workspace",
    Action.WORKSPACE_EXPORTED: "Exported the workspace",
    Action.EXPORTED: "Downloaded",
    Action.DATASET_DELETED: "Deleted a dataset",
    Action.RUN_DELETED: "Deleted a run",
    Action.RUN_EXPIRED: "Deleted an old run by the retention rule",
    Action.MODEL_FILE_EXPIRED: "Deleted an old model file by the retention rule",
    Action.SHARED: "Made a link to results",
    Action.SHARE_REVOKED: "Ended a link to results",
}

"""The one-command start: embedded Postgres and Valkey, the pages' build, and the supervisor that owns every process."""

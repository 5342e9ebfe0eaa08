"""The first schema: the ledger's tables, the guard on events, and the queue's tables.

Revision ID: 0001
Revises: none
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None

_GUARD = """
CREATE FUNCTION slipway_guard_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.sequence IS NULL AND NEW.sequence IS NOT NULL
       AND (NEW.id, NEW.at, NEW.actor, NEW.subject, NEW.kind, NEW.payload, NEW.content_hash)
         = (OLD.id, OLD.at, OLD.actor, OLD.subject, OLD.kind, OLD.payload, OLD.content_hash) THEN
        RETURN NEW;  -- sealing is the one change an event ever sees
    END IF;
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events
    FOR EACH ROW EXECUTE FUNCTION slipway_guard_events();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION slipway_guard_events();
"""

_NO_QUEUE = """
DO $$
DECLARE thing record;
BEGIN
    DROP TABLE IF EXISTS procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers
        CASCADE;
    FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE 'DROP FUNCTION ' || thing.name || ' CASCADE';
    END LOOP;
    DROP TYPE IF EXISTS procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type CASCADE;
END
$$;
"""


def upgrade() -> None:
    op.create_table(
        "cards",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("thread_of", sa.BigInteger(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("shown_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("urgent", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("posting_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fault", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["thread_of"], ["cards.id"], name=op.f("fk_cards_thread_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("subject", "role", name=op.f("uq_cards_subject")),
    )
    op.create_index(
        "cards_stale", "cards", ["due_at"], unique=False, postgresql_where=sa.text("shown_revision < revision")
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("previous_hash", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("sequence", name=op.f("uq_events_sequence")),
    )
    op.create_index("events_of_subject", "events", ["subject", "kind", "id"], unique=False)
    op.create_index("events_unsealed", "events", ["id"], unique=False, postgresql_where=sa.text("sequence IS NULL"))
    op.create_table(
        "pace",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pace")),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("tree", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
        sa.UniqueConstraint("service", "commit", name=op.f("uq_releases_service")),
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("args", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        sa.UniqueConstraint("key", name=op.f("uq_requests_key")),
    )
    op.create_index("requests_open", "requests", ["id"], unique=False, postgresql_where=sa.text("replied_at IS NULL"))
    op.create_table(
        "ticks",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("schedule", "due_at", name=op.f("pk_ticks")),
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("trigger", sa.Text(), server_default="", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_digest", sa.Text(), nullable=False),
        sa.Column("approvals_needed", sa.Integer(), nullable=False),
        sa.Column("stop_asked_by", sa.Text(), nullable=True),
        sa.Column("go_on", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_changes_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sa.UniqueConstraint("request_id", name=op.f("uq_changes_request_id")),
    )
    op.create_index(
        "changes_expiry",
        "changes",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('waiting', 'blocked')"),
    )
    op.create_index(
        "changes_open",
        "changes",
        ["id"],
        unique=False,
        postgresql_where=sa.text(
            "state NOT IN ('succeeded', 'failed', 'partly_done', 'cancelled', 'rejected', 'expired', 'void')"
        ),
    )
    op.create_table(
        "approvals",
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("plan_digest", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_approvals_change_id")),
        sa.PrimaryKeyConstraint("change_id", "person", name=op.f("pk_approvals")),
    )
    op.create_table(
        "holds",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_holds_change_id")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_holds_release_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index(
        "holds_standing",
        "holds",
        ["environment", "service", "release_id"],
        unique=True,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "operations",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("from_release", sa.BigInteger(), nullable=True),
        sa.Column("to_release", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("going_back", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["change_id"], ["changes.id"], name=op.f("fk_operations_change_id")),
        sa.ForeignKeyConstraint(["from_release"], ["releases.id"], name=op.f("fk_operations_from_release")),
        sa.ForeignKeyConstraint(["to_release"], ["releases.id"], name=op.f("fk_operations_to_release")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operations")),
        sa.UniqueConstraint("change_id", "position", name=op.f("uq_operations_change_id")),
    )
    op.create_index(
        "one_operation_per_target",
        "operations",
        ["service", "environment"],
        unique=True,
        postgresql_where=sa.text("state IN ('running', 'verifying', 'rolling_back', 'unknown')"),
    )
    op.create_index(
        "operations_due",
        "operations",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running', 'verifying', 'rolling_back')"),
    )
    op.create_index(
        "operations_good",
        "operations",
        ["environment", "service", sa.literal_column("finished_at DESC")],
        unique=False,
        postgresql_where=sa.text("state = 'succeeded'"),
    )
    op.create_index(
        "operations_held",
        "operations",
        ["state"],
        unique=False,
        postgresql_where=sa.text("state IN ('running', 'verifying', 'rolling_back', 'unknown')"),
    )
    op.create_index(
        "operations_of_environment", "operations", ["environment", sa.literal_column("id DESC")], unique=False
    )
    op.create_index("operations_of_release", "operations", ["to_release", sa.literal_column("id DESC")], unique=False)
    op.create_index(
        "operations_of_target", "operations", ["environment", "service", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "operations_queue",
        "operations",
        ["service", "environment"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "logs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_logs_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logs")),
    )
    op.create_index("logs_of_page", "logs", ["operation_id", "page", "id"], unique=False)
    op.create_table(
        "steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("back", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("options", sa.Text(), server_default="{}", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), server_default="{}", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("log_offset", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_steps_operation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_steps")),
        sa.UniqueConstraint("key", name=op.f("uq_steps_key")),
        sa.UniqueConstraint("operation_id", "position", name=op.f("uq_steps_operation_id")),
    )
    op.create_table(
        "targets",
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column("operation_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observed_phase", sa.Text(), nullable=True),
        sa.Column("observed_digest", sa.Text(), nullable=True),
        sa.Column("observed_version", sa.Text(), nullable=True),
        sa.Column("observed_detail", sa.Text(), server_default="", nullable=False),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["operations.id"], name=op.f("fk_targets_operation_id")),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name=op.f("fk_targets_release_id")),
        sa.PrimaryKeyConstraint("service", "environment", name=op.f("pk_targets")),
    )
    op.execute(_GUARD)
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def downgrade() -> None:
    op.execute(_NO_QUEUE)
    op.execute("DROP FUNCTION slipway_guard_events CASCADE")
    op.drop_table("targets")
    op.drop_table("steps")
    op.drop_index("logs_of_page", table_name="logs")
    op.drop_table("logs")
    op.drop_index("operations_queue", table_name="operations", postgresql_where=sa.text("state = 'queued'"))
    op.drop_index("operations_of_target", table_name="operations")
    op.drop_index("operations_of_release", table_name="operations")
    op.drop_index("operations_of_environment", table_name="operations")
    op.drop_index(
        "operations_held",
        table_name="operations",
        postgresql_where=sa.text("state IN ('running', 'verifying', 'rolling_back', 'unknown')"),
    )
    op.drop_index("operations_good", table_name="operations", postgresql_where=sa.text("state = 'succeeded'"))
    op.drop_index(
        "operations_due",
        table_name="operations",
        postgresql_where=sa.text("state IN ('queued', 'running', 'verifying', 'rolling_back')"),
    )
    op.drop_index(
        "one_operation_per_target",
        table_name="operations",
        postgresql_where=sa.text("state IN ('running', 'verifying', 'rolling_back', 'unknown')"),
    )
    op.drop_table("operations")
    op.drop_index("holds_standing", table_name="holds", postgresql_where=sa.text("lifted_at IS NULL"))
    op.drop_table("holds")
    op.drop_table("approvals")
    op.drop_index(
        "changes_open",
        table_name="changes",
        postgresql_where=sa.text(
            "state NOT IN ('succeeded', 'failed', 'partly_done', 'cancelled', 'rejected', 'expired', 'void')"
        ),
    )
    op.drop_index("changes_expiry", table_name="changes", postgresql_where=sa.text("state IN ('waiting', 'blocked')"))
    op.drop_table("changes")
    op.drop_table("ticks")
    op.drop_index("requests_open", table_name="requests", postgresql_where=sa.text("replied_at IS NULL"))
    op.drop_table("requests")
    op.drop_table("releases")
    op.drop_table("pace")
    op.drop_index("events_unsealed", table_name="events", postgresql_where=sa.text("sequence IS NULL"))
    op.drop_index("events_of_subject", table_name="events")
    op.drop_table("events")
    op.drop_index("cards_stale", table_name="cards", postgresql_where=sa.text("shown_revision < revision"))
    op.drop_table("cards")

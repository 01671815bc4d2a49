"""The dental practice: its dentists, its patients, and who sees whom when."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _house()
    op.create_table(
        "patients",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False, index=True),
        sa.Column("born_on", sa.Date, nullable=False, index=True),
    )
    op.create_table(
        "appointments",
        sa.Column("reference", sa.String(6), primary_key=True),
        sa.Column("request_key", sa.String(64), unique=True),
        sa.Column("patient_id", sa.Integer, sa.ForeignKey("patients.id"), nullable=False, index=True),
        sa.Column("dentist", sa.String(40), sa.ForeignKey("dentists.name"), nullable=False),
        sa.Column("treatment", sa.String(40), sa.ForeignKey("treatments.name"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "dentist_claims",
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("dentist", sa.String(40), sa.ForeignKey("dentists.name"), primary_key=True),
        sa.Column("reference", sa.String(6), sa.ForeignKey("appointments.reference"), nullable=False, index=True),
    )


def downgrade() -> None:
    """Drop them again, those that point at others first."""
    for table in ("dentist_claims", "appointments", "patients", "dentist_absences", "dentist_treatments"):
        op.drop_table(table)
    for table in ("dentist_hours", "dentists", "treatments", "practice_special_days", "practice"):
        op.drop_table(table)


def _house() -> None:
    op.create_table(
        "practice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("lead_minutes", sa.Integer, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("notice_hours", sa.Integer, nullable=False),
    )
    op.create_table(
        "practice_special_days",
        sa.Column("rule", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("opens", sa.Time),
        sa.Column("closes", sa.Time),
    )
    op.create_table(
        "treatments",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("minutes", sa.Integer, nullable=False),
    )
    op.create_table(
        "dentists",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "dentist_hours",
        sa.Column("dentist", sa.String(40), sa.ForeignKey("dentists.name"), primary_key=True),
        sa.Column("weekday", sa.Integer, primary_key=True),
        sa.Column("opens", sa.Time, primary_key=True),
        sa.Column("closes", sa.Time, nullable=False),
    )
    op.create_table(
        "dentist_treatments",
        sa.Column("dentist", sa.String(40), sa.ForeignKey("dentists.name"), primary_key=True),
        sa.Column("treatment", sa.String(40), sa.ForeignKey("treatments.name"), primary_key=True),
    )
    op.create_table(
        "dentist_absences",
        sa.Column("dentist", sa.String(40), sa.ForeignKey("dentists.name"), primary_key=True),
        sa.Column("first_day", sa.Date, primary_key=True),
        sa.Column("last_day", sa.Date, nullable=False),
    )

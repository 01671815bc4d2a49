"""The restaurant: its hours, its tables, and who holds which table when."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "restaurant",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("timezone", sa.String(40), nullable=False),
        sa.Column("lead_minutes", sa.Integer, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("last_seating_minutes", sa.Integer, nullable=False),
    )
    op.create_table(
        "restaurant_hours",
        sa.Column("weekday", sa.Integer, primary_key=True),
        sa.Column("opens", sa.Time, primary_key=True),
        sa.Column("closes", sa.Time, nullable=False),
    )
    op.create_table(
        "restaurant_special_days",
        sa.Column("rule", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("opens", sa.Time),
        sa.Column("closes", sa.Time),
    )
    op.create_table(
        "restaurant_tables",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("area", sa.String(20), nullable=False),
        sa.Column("fewest", sa.Integer, nullable=False),
        sa.Column("seats", sa.Integer, nullable=False),
    )
    op.create_table(
        "restaurant_stays",
        sa.Column("up_to", sa.Integer, primary_key=True),
        sa.Column("minutes", sa.Integer, nullable=False),
    )
    op.create_table(
        "table_bookings",
        sa.Column("reference", sa.String(6), primary_key=True),
        sa.Column("request_key", sa.String(64), unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("phone", sa.String(20), nullable=False, index=True),
        sa.Column("party", sa.Integer, nullable=False),
        sa.Column("asked_area", sa.String(20)),
        sa.Column("table_number", sa.Integer, sa.ForeignKey("restaurant_tables.number"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "table_claims",
        sa.Column("at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("table_number", sa.Integer, sa.ForeignKey("restaurant_tables.number"), primary_key=True),
        sa.Column("reference", sa.String(6), sa.ForeignKey("table_bookings.reference"), nullable=False, index=True),
    )


def downgrade() -> None:
    """Drop them again, those that point at others first."""
    for table in ("table_claims", "table_bookings", "restaurant_stays", "restaurant_tables"):
        op.drop_table(table)
    for table in ("restaurant_special_days", "restaurant_hours", "restaurant"):
        op.drop_table(table)

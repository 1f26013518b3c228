"""The first version: every record type, the journal, the drafts, and full-text search."""

import sqlalchemy as sa
from alembic import op

SEARCHABLE = ("staff", "product", "customer", "family_member", "sheet", "complaint")
SEARCH = (
    "CREATE VIRTUAL TABLE {kind}_search USING fts5(name,pinyin,text,digits,tail,code,"
    "content='',contentless_delete=1,detail=column,prefix='1',tokenize='ascii')"
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    """One step forward; there is no way back, a backup is."""
    op.create_table(
        "attachment",
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_attachment")),
        sa.UniqueConstraint("id", name=op.f("uq_attachment_id")),
    )

    op.create_table(
        "conflict",
        sa.Column("record_kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("field_name", sa.String(), nullable=False),
        sa.Column("base", sa.JSON(), nullable=False),
        sa.Column("mine", sa.JSON(), nullable=False),
        sa.Column("theirs", sa.JSON(), nullable=False),
        sa.Column("mine_at", sa.BigInteger(), nullable=True),
        sa.Column("theirs_at", sa.BigInteger(), nullable=True),
        sa.Column("theirs_by", sa.String(), nullable=True),
        sa.Column("theirs_device", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_conflict")),
        sa.UniqueConstraint("id", name=op.f("uq_conflict_id")),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index("ix_conflict_record", ["record_id", "state"], unique=False)

    op.create_table(
        "draft",
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("form", name=op.f("pk_draft")),
    )
    op.create_table(
        "journal",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("actor_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chain", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_journal")),
        sa.UniqueConstraint("id", name=op.f("uq_journal_id")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_pending", ["number"], unique=False, sqlite_where=sa.text("state = 'pending'"))
        batch_op.create_index("ix_journal_record", ["record_id", "number"], unique=False)

    op.create_table(
        "note",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_note")),
    )
    op.create_table(
        "received",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changes", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("actor_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
    )
    with op.batch_alter_table("received", schema=None) as batch_op:
        batch_op.create_index("ix_received_record", ["record_id", "revision"], unique=False)

    op.create_table(
        "staff",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("licence_no", sa.String(), nullable=False),
        sa.Column("licence_valid_to", sa.Date(), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("branch", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("authorised_products", sa.JSON(), nullable=False),
        sa.Column("qualifications", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_staff")),
        sa.UniqueConstraint("id", name=op.f("uq_staff_id")),
    )

    op.create_table(
        "customer",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_pinyin", sa.String(), nullable=True),
        sa.Column("former_name", sa.String(), nullable=True),
        sa.Column("doc_type", sa.String(), nullable=True),
        sa.Column("doc_no", sa.String(), nullable=True),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("doc_valid_from", sa.Date(), nullable=True),
        sa.Column("doc_valid_to", sa.Date(), nullable=True),
        sa.Column("doc_long_term", sa.Boolean(), nullable=True),
        sa.Column("nationality", sa.String(), nullable=True),
        sa.Column("mobile", sa.String(), nullable=True),
        sa.Column("phone2", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("wechat", sa.String(), nullable=True),
        sa.Column("home_region", sa.String(), nullable=True),
        sa.Column("home_address", sa.String(), nullable=True),
        sa.Column("occupation_code", sa.String(), nullable=True),
        sa.Column("occupation_text", sa.String(), nullable=True),
        sa.Column("work_unit", sa.String(), nullable=True),
        sa.Column("work_address", sa.String(), nullable=True),
        sa.Column("annual_income", sa.BigInteger(), nullable=True),
        sa.Column("household_income", sa.BigInteger(), nullable=True),
        sa.Column("income_source", sa.String(), nullable=True),
        sa.Column("tax_resident", sa.String(), nullable=True),
        sa.Column("health_brief", sa.String(), nullable=True),
        sa.Column("smoker", sa.Boolean(), nullable=True),
        sa.Column("marital", sa.String(), nullable=True),
        sa.Column("education", sa.String(), nullable=True),
        sa.Column("price_sensitive", sa.Boolean(), nullable=True),
        sa.Column("contact_pref", sa.String(), nullable=True),
        sa.Column("do_not_call", sa.Boolean(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("source_note", sa.String(), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("customer_class", sa.String(), nullable=False),
        sa.Column("policy_no", sa.String(), nullable=True),
        sa.Column("do_not_sell_until", sa.Date(), nullable=True),
        sa.Column("remark", sa.String(), nullable=True),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("score_parts", sa.JSON(), nullable=False),
        sa.Column("aml_risk", sa.String(), nullable=True),
        sa.Column("owner_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("verify_method", sa.String(), nullable=True),
        sa.Column("legal_hold", sa.Boolean(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff.id"], name=op.f("fk_customer_owner_id_staff"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_customer")),
        sa.UniqueConstraint("id", name=op.f("uq_customer_id")),
    )
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.create_index("ix_customer_birth_date", ["birth_date"], unique=False)
        batch_op.create_index("ix_customer_customer_class", ["customer_class"], unique=False)
        batch_op.create_index("ix_customer_doc_no", ["doc_no"], unique=False)
        batch_op.create_index("ix_customer_home_region", ["home_region"], unique=False)
        batch_op.create_index("ix_customer_mobile", ["mobile"], unique=False)
        batch_op.create_index("ix_customer_name_pinyin", ["name_pinyin"], unique=False)
        batch_op.create_index("ix_customer_stage", ["stage"], unique=False)

    op.create_table(
        "product",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("filing_no", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("package_hash", sa.String(), nullable=False),
        sa.Column("package_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("design_type", sa.String(), nullable=False),
        sa.Column("p_level", sa.String(), nullable=False),
        sa.Column("min_agent_level", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("withdraw_from", sa.Date(), nullable=True),
        sa.Column("notice_id", sa.String(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=False),
        sa.Column("entry_age_min", sa.BigInteger(), nullable=True),
        sa.Column("entry_age_max", sa.BigInteger(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["attachment.id"],
            name=op.f("fk_product_package_id_attachment"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_product")),
        sa.UniqueConstraint("id", name=op.f("uq_product_id")),
    )
    with op.batch_alter_table("product", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_package_id"), ["package_id"], unique=False)

    op.create_table(
        "complaint",
        sa.Column("complaint_no", sa.String(), nullable=False),
        sa.Column("customer_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("complainant_name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("facts", sa.String(), nullable=False),
        sa.Column("demand", sa.String(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("respondent", sa.String(), nullable=True),
        sa.Column("respondent_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("policy_no", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_response_due", sa.BigInteger(), nullable=False),
        sa.Column("first_response_at", sa.BigInteger(), nullable=True),
        sa.Column("first_response_way", sa.String(), nullable=True),
        sa.Column("first_response_note", sa.String(), nullable=True),
        sa.Column("due15", sa.Date(), nullable=False),
        sa.Column("due30", sa.Date(), nullable=False),
        sa.Column("due60", sa.Date(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("handler_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("result", sa.String(), nullable=True),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("reply", sa.String(), nullable=True),
        sa.Column("replied_at", sa.BigInteger(), nullable=True),
        sa.Column("received_by_server", sa.BigInteger(), nullable=True),
        sa.Column("remedy_told", sa.Boolean(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_complaint_customer_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["handler_id"],
            ["staff.id"],
            name=op.f("fk_complaint_handler_id_staff"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"],
            ["staff.id"],
            name=op.f("fk_complaint_respondent_id_staff"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_complaint")),
        sa.UniqueConstraint("id", name=op.f("uq_complaint_id")),
    )
    with op.batch_alter_table("complaint", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_complaint_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_handler_id"), ["handler_id"], unique=False)
        batch_op.create_index("ix_complaint_received_at", ["received_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_complaint_respondent_id"), ["respondent_id"], unique=False)
        batch_op.create_index("ix_complaint_state", ["state"], unique=False)

    op.create_table(
        "consent",
        sa.Column("customer_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("notice_version", sa.String(), nullable=False),
        sa.Column("notice_hash", sa.String(), nullable=True),
        sa.Column("signer", sa.String(), nullable=True),
        sa.Column("guardian_relation", sa.String(), nullable=True),
        sa.Column("granted_at", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True),
        sa.Column("valid_to", sa.BigInteger(), nullable=True),
        sa.Column("evidence_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_consent_customer_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["attachment.id"],
            name=op.f("fk_consent_evidence_id_attachment"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_consent")),
        sa.UniqueConstraint("id", name=op.f("uq_consent_id")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consent_evidence_id"), ["evidence_id"], unique=False)

    op.create_table(
        "family_member",
        sa.Column("customer_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("doc_type", sa.String(), nullable=True),
        sa.Column("doc_no", sa.String(), nullable=True),
        sa.Column("is_dependent", sa.Boolean(), nullable=True),
        sa.Column("support_until_age", sa.BigInteger(), nullable=True),
        sa.Column("linked_customer_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_family_member_customer_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["linked_customer_id"],
            ["customer.id"],
            name=op.f("fk_family_member_linked_customer_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_family_member")),
        sa.UniqueConstraint("id", name=op.f("uq_family_member_id")),
    )
    with op.batch_alter_table("family_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_family_member_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_family_member_linked_customer_id"), ["linked_customer_id"], unique=False)

    op.create_table(
        "needs_analysis",
        sa.Column("customer_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("annual_income", sa.BigInteger(), nullable=True),
        sa.Column("annual_expense", sa.BigInteger(), nullable=True),
        sa.Column("yearly_shortfall", sa.BigInteger(), nullable=True),
        sa.Column("shortfall_years", sa.BigInteger(), nullable=True),
        sa.Column("debts", sa.BigInteger(), nullable=True),
        sa.Column("liquid_assets", sa.BigInteger(), nullable=True),
        sa.Column("education_cost", sa.BigInteger(), nullable=True),
        sa.Column("parents_support", sa.BigInteger(), nullable=True),
        sa.Column("treatment_cost", sa.BigInteger(), nullable=True),
        sa.Column("rehabilitation_cost", sa.BigInteger(), nullable=True),
        sa.Column("pension_need_month", sa.BigInteger(), nullable=True),
        sa.Column("pension_expected_month", sa.BigInteger(), nullable=True),
        sa.Column("pension_years", sa.BigInteger(), nullable=True),
        sa.Column("life_cover", sa.BigInteger(), nullable=True),
        sa.Column("ci_cover", sa.BigInteger(), nullable=True),
        sa.Column("yearly_premiums", sa.BigInteger(), nullable=True),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("budget_year", sa.BigInteger(), nullable=True),
        sa.Column("pay_years_ok", sa.BigInteger(), nullable=True),
        sa.Column("customer_statement", sa.String(), nullable=True),
        sa.Column("gap_life", sa.BigInteger(), nullable=True),
        sa.Column("gap_ci", sa.BigInteger(), nullable=True),
        sa.Column("gap_pension", sa.BigInteger(), nullable=True),
        sa.Column("affordability_bp", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("signature_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_needs_analysis_customer_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["attachment.id"],
            name=op.f("fk_needs_analysis_signature_id_attachment"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_needs_analysis")),
        sa.UniqueConstraint("id", name=op.f("uq_needs_analysis_id")),
    )
    with op.batch_alter_table("needs_analysis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_needs_analysis_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_needs_analysis_signature_id"), ["signature_id"], unique=False)

    op.create_table(
        "visit",
        sa.Column("customer_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("agent_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("planned_start", sa.BigInteger(), nullable=False),
        sa.Column("planned_end", sa.BigInteger(), nullable=False),
        sa.Column("place_text", sa.String(), nullable=True),
        sa.Column("actual_start", sa.BigInteger(), nullable=True),
        sa.Column("actual_end", sa.BigInteger(), nullable=True),
        sa.Column("late_reason", sa.String(), nullable=True),
        sa.Column("participants", sa.JSON(), nullable=False),
        sa.Column("checklist", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("customer_words", sa.String(), nullable=True),
        sa.Column("next_action", sa.String(), nullable=True),
        sa.Column("next_due", sa.Date(), nullable=True),
        sa.Column("next_note", sa.String(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["staff.id"], name=op.f("fk_visit_agent_id_staff"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_visit_customer_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_visit")),
        sa.UniqueConstraint("id", name=op.f("uq_visit_id")),
    )
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_visit_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_visit_planned_start", ["planned_start"], unique=False)
        batch_op.create_index("ix_visit_status", ["status"], unique=False)

    op.create_table(
        "sheet",
        sa.Column("customer_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("needs_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("sheet_no", sa.String(), nullable=False),
        sa.Column("product_code", sa.String(), nullable=False),
        sa.Column("product_name", sa.String(), nullable=False),
        sa.Column("product_version", sa.String(), nullable=False),
        sa.Column("package_hash", sa.String(), nullable=False),
        sa.Column("policy_hash", sa.String(), nullable=False),
        sa.Column("agent_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("result_hash", sa.String(), nullable=False),
        sa.Column("prompt_items", sa.JSON(), nullable=False),
        sa.Column("template_version", sa.String(), nullable=False),
        sa.Column("pdf_hash", sa.String(), nullable=True),
        sa.Column("pages", sa.BigInteger(), nullable=True),
        sa.Column("print_count", sa.BigInteger(), nullable=False),
        sa.Column("explained_at", sa.BigInteger(), nullable=True),
        sa.Column("statement_copied", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("signature_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("document_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("supersedes_id", sa.LargeBinary(length=16), nullable=True),
        sa.Column("void_reason", sa.String(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["staff.id"], name=op.f("fk_sheet_agent_id_staff"), initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("fk_sheet_customer_id_customer"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["attachment.id"],
            name=op.f("fk_sheet_document_id_attachment"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["needs_id"],
            ["needs_analysis.id"],
            name=op.f("fk_sheet_needs_id_needs_analysis"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["signature_id"],
            ["attachment.id"],
            name=op.f("fk_sheet_signature_id_attachment"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_id"],
            ["sheet.id"],
            name=op.f("fk_sheet_supersedes_id_sheet"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sheet")),
        sa.UniqueConstraint("id", name=op.f("uq_sheet_id")),
    )
    with op.batch_alter_table("sheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_needs_id"), ["needs_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_signature_id"), ["signature_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_supersedes_id"), ["supersedes_id"], unique=False)

    for kind in SEARCHABLE:
        op.execute(SEARCH.format(kind=kind))

CREATE TABLE attempt (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    address TEXT NOT NULL,
    failures BIGINT NOT NULL,
    since BIGINT NOT NULL,
    CONSTRAINT pk_attempt PRIMARY KEY (tenant, agent, address)
);

CREATE TABLE code (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    handle TEXT NOT NULL,
    digest BYTEA NOT NULL,
    staff TEXT NOT NULL,
    tries BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    device TEXT,
    CONSTRAINT pk_code PRIMARY KEY (tenant, agent, handle)
);

CREATE TABLE device (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    device TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    state TEXT NOT NULL,
    last BIGINT NOT NULL,
    chain TEXT NOT NULL,
    skew_seconds BIGINT DEFAULT '0' NOT NULL,
    enrolled_at BIGINT NOT NULL,
    seen_at BIGINT,
    CONSTRAINT pk_device PRIMARY KEY (tenant, agent, device)
);

CREATE TABLE entry (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    device TEXT NOT NULL,
    number BIGINT NOT NULL,
    feed_number BIGINT,
    id TEXT NOT NULL,
    deed TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT,
    actor_id TEXT,
    sealed TEXT NOT NULL,
    base BIGINT,
    chain TEXT NOT NULL,
    result TEXT NOT NULL,
    revision BIGINT NOT NULL,
    code TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    CONSTRAINT pk_entry PRIMARY KEY (tenant, agent, device, number)
);

CREATE UNIQUE INDEX ix_entry_feed ON entry (tenant, agent, feed_number);

CREATE UNIQUE INDEX ix_entry_id ON entry (tenant, agent, id);

CREATE INDEX ix_entry_record ON entry (tenant, agent, record_id);

CREATE TABLE feed (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    number BIGINT NOT NULL,
    CONSTRAINT pk_feed PRIMARY KEY (tenant, agent)
);

CREATE TABLE key (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    name TEXT NOT NULL,
    private_key BYTEA NOT NULL,
    CONSTRAINT pk_key PRIMARY KEY (tenant, agent, name)
);

CREATE TABLE nonce (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    device TEXT NOT NULL,
    nonce TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    CONSTRAINT pk_nonce PRIMARY KEY (tenant, agent, device, nonce)
);

CREATE TABLE receipt (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    device TEXT NOT NULL,
    last BIGINT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    CONSTRAINT pk_receipt PRIMARY KEY (tenant, agent, device, last)
);

CREATE TABLE record (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    revision BIGINT NOT NULL,
    body JSONB NOT NULL,
    CONSTRAINT pk_record PRIMARY KEY (tenant, agent, id)
);

CREATE INDEX ix_record_kind ON record (tenant, agent, kind);

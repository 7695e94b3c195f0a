-- What the outside world is owed, and what it told us.

-- An effect is written in the transaction of its cause; tasks/ carries it out. A row with a tenant is visible to it.
CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  tenant_id uuid REFERENCES tenant (id),
  kind text NOT NULL,
  subject_id uuid NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  dedupe_key text CONSTRAINT outbox_dedupe_key_once UNIQUE,
  status text NOT NULL DEFAULT 'due' CHECK (status IN ('due', 'leased', 'done', 'dead')),
  due_at timestamptz NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  lease_id uuid,
  leased_until timestamptz,
  last_error text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE status = 'due';
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE status = 'leased';
CREATE INDEX outbox_dead ON outbox (ended_at) WHERE status = 'dead';
CREATE INDEX outbox_done ON outbox (ended_at) WHERE status = 'done';
CREATE INDEX outbox_subject ON outbox (subject_id);
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_rows ON outbox TO aisle_app USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
  WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY platform_rows ON outbox TO aisle_platform USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON outbox TO aisle_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO aisle_platform;

-- Authentic events as hints: identifiers only, because the object is fetched from Stripe when it is handled.
CREATE TABLE webhook_event (
  id uuid PRIMARY KEY,
  provider text NOT NULL,
  account text NOT NULL DEFAULT '',
  event_id text NOT NULL,
  type text NOT NULL,
  object_type text NOT NULL DEFAULT '',
  object_id text NOT NULL DEFAULT '',
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processed', 'ignored', 'failed', 'dead')),
  last_error text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  processed_at timestamptz,
  CONSTRAINT webhook_event_once UNIQUE (provider, account, event_id)
);
COMMENT ON COLUMN webhook_event.created_at IS 'the instant the provider gives the event';
CREATE INDEX webhook_event_received ON webhook_event (received_at);
CREATE INDEX webhook_event_unfinished ON webhook_event (received_at) WHERE status IN ('pending', 'failed', 'dead');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_event TO aisle_platform;

-- Every mail that was or will be sent; the wording is composed at delivery and not kept.
CREATE TABLE message (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  subject_type text NOT NULL CHECK (subject_type IN ('booking')),
  subject_id uuid NOT NULL,
  kind text NOT NULL,
  slot text NOT NULL,
  recipient text NOT NULL,
  audience text NOT NULL CHECK (audience IN ('couple', 'owner')),
  status text NOT NULL CHECK (status IN ('planned', 'due', 'sent', 'skipped', 'failed', 'cancelled')),
  provider_message_id text NOT NULL DEFAULT '',
  failure text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  sent_at timestamptz,
  UNIQUE (tenant_id, id),
  CONSTRAINT message_once UNIQUE (tenant_id, subject_type, subject_id, kind, slot, recipient)
);
CREATE INDEX message_subject ON message (tenant_id, subject_id, created_at);
CALL protect_tenant_table('message');

-- No later statement makes functions for the platform role; migrations that do grant CREATE again for their time.
REVOKE CREATE ON SCHEMA public FROM aisle_platform;

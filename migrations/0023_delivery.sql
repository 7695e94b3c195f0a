-- What became of mails, and addresses that are written to no more.

ALTER TABLE message
  ADD COLUMN delivered_at timestamptz,
  ADD COLUMN bounced_at timestamptz,
  ADD COLUMN bounced_id text NOT NULL DEFAULT '',
  ADD CONSTRAINT message_bounced_is_whole CHECK ((bounced_at IS NULL) = (bounced_id = ''));
COMMENT ON COLUMN message.delivered_at IS 'when a mail server took it in, as the provider says; null: nobody has said so';
COMMENT ON COLUMN message.bounced_id IS 'the provider''s id of the copy that came back; another one may have been sent since';
-- The list of a business's messages: the latest first, or the next first of those to come.
CREATE INDEX message_log ON message (tenant_id, (coalesce(sent_at, due_at, created_at)), id);

-- One row for each address that ever came back. It is stopped unless somebody has said since that it works, so that
-- what is told in any order, any number of times, ends the same.
CREATE TABLE stopped_address (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  email text NOT NULL CHECK (email = lower(email)),
  reason text NOT NULL CHECK (reason IN ('bounced', 'complained', 'refused')),
  stopped_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by uuid REFERENCES user_account (id),
  is_stopped boolean NOT NULL GENERATED ALWAYS AS (ended_at IS NULL OR stopped_at > ended_at) STORED,
  UNIQUE (tenant_id, id),
  CONSTRAINT stopped_address_once UNIQUE (tenant_id, email)
);
COMMENT ON COLUMN stopped_address.stopped_at IS 'the latest instant at which it came back';
COMMENT ON COLUMN stopped_address.ended_at IS 'the latest instant at which somebody said that it works';
COMMENT ON COLUMN stopped_address.ended_by IS 'null: the provider said so';
CALL protect_tenant_table('stopped_address');

-- What a business writes in its own words at the beginning of the emails to couples, and what somebody has not saved yet.

CREATE TABLE message_wording (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  kind text NOT NULL CHECK (kind ~ '^[a-z_]{1,60}$'),
  draft_of uuid REFERENCES user_account (id),
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 150 AND subject !~ '[[:cntrl:]]'),
  body text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
  changed_by uuid REFERENCES user_account (id),
  changed_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT message_wording_once UNIQUE NULLS NOT DISTINCT (tenant_id, kind, draft_of)
);
COMMENT ON TABLE message_wording IS 'a kind without a row is written as the product writes it, in the language of the business';
COMMENT ON COLUMN message_wording.kind IS 'a kind of message, or one of its cases: moved, moved_by_business';
COMMENT ON COLUMN message_wording.draft_of IS 'whose try this is; null: what couples get';
CALL protect_tenant_table('message_wording');

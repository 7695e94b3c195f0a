-- A couple changes its own details; a new address of mail counts once it was confirmed from there.

ALTER TABLE tenant ADD COLUMN details_cutoff_days smallint NOT NULL DEFAULT 14
  CHECK (details_cutoff_days BETWEEN 0 AND 1095);
COMMENT ON COLUMN tenant.details_cutoff_days IS 'until so many days before the event a couple can change its add-ons';

CREATE TABLE email_change (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  which text NOT NULL CHECK (which IN ('first', 'second')),
  old_address text,
  new_address text,
  requested_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  CHECK (old_address IS NOT NULL OR new_address IS NOT NULL),
  CHECK (which = 'second' OR (old_address IS NOT NULL AND new_address IS NOT NULL)),
  CHECK (confirmed_at IS NULL OR ended_at IS NULL),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
COMMENT ON COLUMN email_change.old_address IS 'null: a second address is added';
COMMENT ON COLUMN email_change.new_address IS 'null: the second address is taken away';
COMMENT ON COLUMN email_change.ended_at IS 'given up, or another one took its place';
CREATE INDEX email_change_booking ON email_change (tenant_id, booking_id);
CREATE UNIQUE INDEX email_change_waiting_once ON email_change (tenant_id, booking_id, which)
  WHERE confirmed_at IS NULL AND ended_at IS NULL;
CALL protect_tenant_table('email_change');

ALTER TABLE booking_action_token DROP CONSTRAINT booking_action_token_action_check,
  ADD CONSTRAINT booking_action_token_action_check CHECK (action IN ('manage', 'browser', 'email')),
  ADD COLUMN email_change_id uuid,
  ADD FOREIGN KEY (tenant_id, email_change_id) REFERENCES email_change (tenant_id, id),
  ADD CHECK (email_change_id IS NULL OR action = 'email');
COMMENT ON COLUMN booking_action_token.email_change_id IS 'email: the new address that this link confirms';

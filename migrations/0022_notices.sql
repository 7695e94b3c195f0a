-- What a business wants to hear at once, and what once a day.

ALTER TABLE tenant
  ADD COLUMN notice_plan jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN notice_time text NOT NULL DEFAULT '08:00' CHECK (notice_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$');
COMMENT ON COLUMN tenant.notice_plan IS 'by topic: at_once, daily or off; a topic that is not here is as it comes';
COMMENT ON COLUMN tenant.notice_time IS 'when the daily summary comes, on the clock of the business';

-- One row for each thing that a business should hear of, whichever way it has chosen: so it hears of it once.
CREATE TABLE notice (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  kind text NOT NULL,
  slot text NOT NULL,
  way text NOT NULL CHECK (way IN ('at_once', 'daily', 'off')),
  created_at timestamptz NOT NULL,
  summary_id uuid,
  UNIQUE (tenant_id, id),
  CONSTRAINT notice_once UNIQUE (tenant_id, booking_id, kind, slot),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id),
  FOREIGN KEY (tenant_id, summary_id) REFERENCES message (tenant_id, id),
  CONSTRAINT notice_in_a_summary CHECK (summary_id IS NULL OR way = 'daily')
);
COMMENT ON COLUMN notice.summary_id IS 'the message whose mail lists it; taken just before that mail is composed';
CREATE INDEX notice_untold ON notice (tenant_id, created_at) WHERE way = 'daily' AND summary_id IS NULL;
CREATE INDEX notice_told ON notice (tenant_id, summary_id) WHERE summary_id IS NOT NULL;
CALL protect_tenant_table('notice');

-- What is due and not paid, of all tenants: read by its due date.
CREATE INDEX booking_payment_stage_open ON booking_payment_stage (due_on)
  WHERE status IN ('PENDING', 'FAILED') AND quote_id IS NULL;

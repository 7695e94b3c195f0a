-- A change with money in it is shown before it is done, and a cancellation can be undone for a while.

ALTER TABLE tenant ADD COLUMN undo_minutes integer NOT NULL DEFAULT 60 CHECK (undo_minutes BETWEEN 0 AND 4320);
COMMENT ON COLUMN tenant.undo_minutes IS 'how long a cancellation can be undone; 0: not at all';

ALTER TABLE booking
  ADD COLUMN cancel_requested_at timestamptz,
  ADD COLUMN cancel_undo_until timestamptz,
  ADD COLUMN cancel_actor text CHECK (cancel_actor IN ('couple', 'owner')),
  ADD COLUMN cancel_reason text NOT NULL DEFAULT '',
  ADD COLUMN cancel_refund_cents bigint CHECK (cancel_refund_cents >= 0),
  -- Not looked at in rows that are there: those were cancelled before there was anything to undo.
  ADD CONSTRAINT booking_cancelling_has_its_end CHECK (status <> 'cancelling' OR (cancel_requested_at IS NOT NULL
    AND cancel_undo_until IS NOT NULL AND cancel_actor IS NOT NULL AND cancel_refund_cents IS NOT NULL)) NOT VALID;
COMMENT ON COLUMN booking.cancel_refund_cents IS 'what goes back, fixed when the cancellation was confirmed';
CREATE INDEX booking_to_cancel ON booking (cancel_undo_until) WHERE status = 'cancelling';

-- What was shown is what is done: the figures that somebody saw, and what became of them.
CREATE TABLE change_quote (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('cancel', 'move', 'details')),
  status text NOT NULL CHECK (status IN ('offered', 'confirmed', 'done', 'lapsed')),
  actor text NOT NULL CHECK (actor IN ('couple', 'owner')),
  offered_by uuid REFERENCES user_account (id) ON DELETE SET NULL,
  booking_version integer NOT NULL,
  wish jsonb NOT NULL DEFAULT '{}',
  basis jsonb NOT NULL,
  result jsonb NOT NULL,
  amount_cents bigint NOT NULL,
  currency text NOT NULL,
  offered_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  CHECK (expires_at > offered_at),
  CHECK (status <> 'confirmed' OR confirmed_at IS NOT NULL),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
COMMENT ON COLUMN change_quote.wish IS 'what was asked for';
COMMENT ON COLUMN change_quote.basis IS 'what the figures come from';
COMMENT ON COLUMN change_quote.result IS 'what will be done; if it would differ at the confirmation, it is shown anew';
COMMENT ON COLUMN change_quote.amount_cents IS 'from the couple''s point of view: to pay > 0, back < 0';
CREATE INDEX change_quote_booking ON change_quote (tenant_id, booking_id);
CREATE INDEX change_quote_offered ON change_quote (expires_at) WHERE status = 'offered';
-- A booking goes through one change at a time.
CREATE UNIQUE INDEX change_quote_confirmed_once ON change_quote (tenant_id, booking_id) WHERE status = 'confirmed';
CALL protect_tenant_table('change_quote');

ALTER TABLE refund_request DROP CONSTRAINT refund_request_reason_check,
  ADD CONSTRAINT refund_request_reason_check CHECK (reason IN ('date_taken', 'not_owed', 'duplicate', 'mismatch', 'external',
    'owner', 'cancellation')),
  ADD COLUMN note text NOT NULL DEFAULT '',
  ADD COLUMN quote_id uuid,
  ADD FOREIGN KEY (tenant_id, quote_id) REFERENCES change_quote (tenant_id, id),
  -- A cancellation gives each payment back once; a retry of what failed is no second one.
  ADD CONSTRAINT refund_request_cancellation_has_its_quote CHECK (reason <> 'cancellation' OR quote_id IS NOT NULL);
COMMENT ON COLUMN refund_request.note IS 'why, in the words of whoever asked for it';
CREATE UNIQUE INDEX refund_request_quote_once ON refund_request (tenant_id, quote_id, payment_id)
  WHERE quote_id IS NOT NULL AND retry_of_id IS NULL;
-- A failed refund is tried again once: the next time it is the retry that has failed.
CREATE UNIQUE INDEX refund_request_retry_once ON refund_request (tenant_id, retry_of_id) WHERE retry_of_id IS NOT NULL;

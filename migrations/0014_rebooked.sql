-- Where the terms say so, a couple who cancelled gets a further share back, once, when their date is sold again.

ALTER TABLE booking
  ADD COLUMN rebooked_at timestamptz,
  ADD COLUMN rebooked_cents bigint CHECK (rebooked_cents > 0),
  ADD CONSTRAINT booking_rebooked_is_whole CHECK ((rebooked_at IS NULL) = (rebooked_cents IS NULL));
COMMENT ON COLUMN booking.rebooked_cents IS 'the further share that this couple got back when its date was sold again';
CREATE INDEX booking_to_share ON booking (tenant_id, resource_id, event_on)
  WHERE status = 'cancelled' AND rebooked_at IS NULL;

ALTER TABLE refund_request DROP CONSTRAINT refund_request_reason_check,
  ADD CONSTRAINT refund_request_reason_check CHECK (reason IN ('date_taken', 'not_owed', 'duplicate', 'mismatch', 'external',
    'owner', 'cancellation', 'change', 'rebooked'));
-- A payment has its part in that share once; a retry of what failed is no second one.
CREATE UNIQUE INDEX refund_request_rebooked_once ON refund_request (tenant_id, payment_id)
  WHERE reason = 'rebooked' AND retry_of_id IS NULL;

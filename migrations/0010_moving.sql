-- A date can be moved; while the move is being paid for, the new days are kept beside the old ones.

-- quote_id: a day that a booking does not own yet and keeps while its move is paid for.
-- waitlist_id: a day that is offered to whoever waited for it; it gets its foreign key where waiting lists are born.
ALTER TABLE date_claim
  ADD COLUMN quote_id uuid,
  ADD COLUMN waitlist_id uuid,
  DROP CONSTRAINT date_claim_cause,
  ADD CONSTRAINT date_claim_cause CHECK (
    CASE kind WHEN 'blackout' THEN blackout_id IS NOT NULL AND num_nonnulls(booking_id, waitlist_id, quote_id) = 0
              ELSE blackout_id IS NULL AND num_nonnulls(booking_id, waitlist_id) = 1
                   AND (quote_id IS NULL OR (booking_id IS NOT NULL AND kind = 'hold'))
                   AND (waitlist_id IS NULL OR kind = 'hold') END),
  ADD FOREIGN KEY (tenant_id, quote_id) REFERENCES change_quote (tenant_id, id);
CREATE INDEX date_claim_quote ON date_claim (tenant_id, quote_id) WHERE quote_id IS NOT NULL;
CREATE INDEX date_claim_waitlist ON date_claim (tenant_id, waitlist_id) WHERE waitlist_id IS NOT NULL;

ALTER TABLE booking
  ADD COLUMN original_on date,
  ADD COLUMN moves_done smallint NOT NULL DEFAULT 0 CHECK (moves_done >= 0),
  ADD COLUMN credited_cents bigint NOT NULL DEFAULT 0 CHECK (credited_cents >= 0);
COMMENT ON COLUMN booking.original_on IS 'the date it was first made for; null: it was never moved, event_on is';
COMMENT ON COLUMN booking.moves_done IS 'how often the couple has moved it; what the business moves does not count';
COMMENT ON COLUMN booking.credited_cents IS
  'by how much paid stages exceed the total, because a change made it cheaper; its stages less this are its total';

-- What is owed only once its change is done. It is paid before, so the change waits for it; lapsed, it becomes VOID.
ALTER TABLE booking_payment_stage
  ADD COLUMN quote_id uuid,
  ADD FOREIGN KEY (tenant_id, quote_id) REFERENCES change_quote (tenant_id, id),
  ADD CONSTRAINT booking_payment_stage_waits_for_its_quote CHECK (quote_id IS NULL OR status <> 'COMPLETED');
COMMENT ON COLUMN booking_payment_stage.quote_id IS 'a change that is not done yet; null: it is owed';
CREATE INDEX booking_payment_stage_quote ON booking_payment_stage (tenant_id, quote_id) WHERE quote_id IS NOT NULL;

ALTER TABLE checkout DROP CONSTRAINT checkout_purpose_check,
  ADD CONSTRAINT checkout_purpose_check CHECK (purpose IN ('booking', 'stages', 'move'));
COMMENT ON COLUMN checkout.purpose IS
  'booking: what is due when it is booked; stages: what the couple chose of the rest; move: what a new date costs now';

ALTER TABLE refund_request DROP CONSTRAINT refund_request_reason_check,
  ADD CONSTRAINT refund_request_reason_check CHECK (reason IN ('date_taken', 'not_owed', 'duplicate', 'mismatch', 'external',
    'owner', 'cancellation', 'change'));

-- A confirmed move waits for its money until then.
CREATE INDEX change_quote_waiting ON change_quote (expires_at) WHERE status = 'confirmed' AND kind = 'move';

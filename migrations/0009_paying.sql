-- What is still open of a booking that stands can be paid at any time, one stage or several in one checkout.

ALTER TABLE checkout DROP CONSTRAINT checkout_purpose_check,
  ADD CONSTRAINT checkout_purpose_check CHECK (purpose IN ('booking', 'stages'));
COMMENT ON COLUMN checkout.purpose IS 'booking: what is due when it is booked; stages: what the couple chose of the rest';

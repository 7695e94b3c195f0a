-- Bookings, their days, and every cent that belongs to them.

CREATE TABLE customer (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  first_partner text NOT NULL,
  second_partner text NOT NULL,
  email text NOT NULL,
  second_email text,
  phone text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  search tsvector GENERATED ALWAYS AS (to_tsvector('simple',
    first_partner || ' ' || second_partner || ' ' || email || ' ' || coalesce(second_email, '') || ' ' || phone)) STORED,
  UNIQUE (tenant_id, id)
);
CREATE INDEX customer_email ON customer (tenant_id, lower(email));
CREATE INDEX customer_second_email ON customer (tenant_id, lower(second_email)) WHERE second_email IS NOT NULL;
CREATE INDEX customer_search ON customer USING gin (search);
CALL protect_tenant_table('customer');

CREATE TABLE booking (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  reference text NOT NULL CONSTRAINT booking_reference_once UNIQUE,
  customer_id uuid NOT NULL,
  package_id uuid NOT NULL,
  package_name text NOT NULL,
  resource_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('held', 'confirmed', 'completed', 'expired', 'cancelling', 'cancelled')),
  event_on date NOT NULL,
  days smallint NOT NULL CHECK (days >= 1),
  buffer_days smallint NOT NULL CHECK (buffer_days >= 0),
  couple text NOT NULL,
  venue text NOT NULL DEFAULT '',
  guest_count integer CHECK (guest_count > 0),
  notes text NOT NULL DEFAULT '',
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  tax_mode text NOT NULL CHECK (tax_mode IN ('none', 'inclusive', 'exclusive')),
  net_cents bigint NOT NULL CHECK (net_cents >= 0),
  tax_cents bigint NOT NULL CHECK (tax_cents >= 0),
  total_cents bigint NOT NULL CHECK (total_cents > 0),
  commission_bp integer NOT NULL CHECK (commission_bp BETWEEN 0 AND 5000),
  commission_cents bigint NOT NULL CHECK (commission_cents >= 0),
  deposit_percent smallint CHECK (deposit_percent BETWEEN 1 AND 99),
  balance_due_days smallint NOT NULL,
  pays_in_full boolean NOT NULL,
  terms text NOT NULL,
  terms_accepted_at timestamptz NOT NULL,
  request_nonce uuid NOT NULL,
  hold_expires_at timestamptz,
  needs_review boolean NOT NULL DEFAULT false,
  review_reason text NOT NULL DEFAULT '',
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  ended_at timestamptz,
  search tsvector GENERATED ALWAYS AS (to_tsvector('simple', reference || ' ' || couple || ' ' || venue || ' ' || package_name)) STORED,
  UNIQUE (tenant_id, id),
  CONSTRAINT booking_nonce_once UNIQUE (tenant_id, request_nonce),
  CHECK (net_cents + tax_cents = total_cents),
  CHECK (status <> 'held' OR hold_expires_at IS NOT NULL),
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customer (tenant_id, id),
  FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);
COMMENT ON COLUMN booking.couple IS 'both partners'' names as one line, for lists and mails';
COMMENT ON COLUMN booking.terms IS 'the terms as they were accepted';
CREATE INDEX booking_list ON booking (tenant_id, event_on DESC, id DESC);
CREATE INDEX booking_list_status ON booking (tenant_id, status, event_on DESC, id DESC);
CREATE INDEX booking_customer ON booking (tenant_id, customer_id);
CREATE INDEX booking_holds ON booking (hold_expires_at) WHERE status = 'held';
CREATE INDEX booking_to_complete ON booking (event_on) WHERE status = 'confirmed';
CREATE INDEX booking_search ON booking USING gin (search);
CALL protect_tenant_table('booking');

ALTER TABLE date_claim ADD FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id);

CREATE TABLE booking_line (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  position smallint NOT NULL,
  add_on_id uuid,
  description text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_cents bigint NOT NULL CHECK (unit_cents >= 0),
  net_cents bigint NOT NULL,
  tax_rate_bp numeric(7, 2) NOT NULL,
  tax_cents bigint NOT NULL,
  gross_cents bigint NOT NULL,
  CHECK (net_cents + tax_cents = gross_cents),
  CONSTRAINT booking_line_once UNIQUE (tenant_id, booking_id, position),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id),
  FOREIGN KEY (tenant_id, add_on_id) REFERENCES add_on (tenant_id, id)
);
COMMENT ON COLUMN booking_line.add_on_id IS 'null: the package itself';
CALL protect_tenant_table('booking_line');

-- The timeline. Rows are only ever added.
CREATE TABLE booking_event (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  sequence bigint GENERATED ALWAYS AS IDENTITY,
  occurred_at timestamptz NOT NULL,
  kind text NOT NULL,
  actor text NOT NULL CHECK (actor IN ('couple', 'owner', 'system', 'stripe')),
  actor_user_id uuid,
  from_status text,
  to_status text,
  details jsonb NOT NULL DEFAULT '{}',
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
CREATE INDEX booking_event_timeline ON booking_event (tenant_id, booking_id, sequence);
CALL protect_tenant_table('booking_event', 'SELECT, INSERT');

-- Secrets of emailed links, as SHA-256 only.
CREATE TABLE booking_action_token (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  action text NOT NULL CHECK (action IN ('manage', 'browser')),
  token_hash bytea NOT NULL CONSTRAINT booking_action_token_once UNIQUE,
  recipient text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz,
  revoked_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
COMMENT ON COLUMN booking_action_token.action IS 'manage: mailed to the couple; browser: given to the browser that booked';
CREATE INDEX booking_action_token_booking ON booking_action_token (tenant_id, booking_id);
CREATE INDEX booking_action_token_expiry ON booking_action_token (expires_at);
CALL protect_tenant_table('booking_action_token');

CREATE TABLE booking_payment_stage (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  stage_number smallint NOT NULL CHECK (stage_number >= 1),
  type text NOT NULL CHECK (type IN ('FULL', 'DEPOSIT', 'REMAINDER', 'INSTALLMENT', 'FEE')),
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  due_on date NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'COMPLETED', 'FAILED', 'REFUNDED', 'VOID')),
  UNIQUE (tenant_id, id),
  CONSTRAINT booking_payment_stage_once UNIQUE (tenant_id, booking_id, stage_number),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
CALL protect_tenant_table('booking_payment_stage');

-- One attempt to pay one or more stages: committed before Stripe is called, with the exact parameters.
CREATE TABLE checkout (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('booking')),
  attempt smallint NOT NULL CHECK (attempt >= 1),
  status text NOT NULL CHECK (status IN ('creating', 'open', 'paid', 'processing', 'expired', 'failed')),
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  application_fee_cents bigint NOT NULL DEFAULT 0 CHECK (application_fee_cents >= 0),
  idempotency_key text NOT NULL CONSTRAINT checkout_idempotency_key_once UNIQUE,
  parameters jsonb NOT NULL,
  stripe_account_id text,
  stripe_checkout_session_id text CONSTRAINT checkout_session_once UNIQUE,
  url text NOT NULL DEFAULT '',
  last_error text NOT NULL DEFAULT '',
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT checkout_attempt_once UNIQUE (tenant_id, booking_id, purpose, attempt),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id)
);
COMMENT ON COLUMN checkout.expires_at IS 'what Stripe was asked for as the session''s expires_at';
CREATE INDEX checkout_unsettled ON checkout (changed_at) WHERE status IN ('creating', 'open', 'processing');
CALL protect_tenant_table('checkout');

CREATE TABLE checkout_stage (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  checkout_id uuid NOT NULL,
  stage_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  CONSTRAINT checkout_stage_once UNIQUE (tenant_id, checkout_id, stage_id),
  FOREIGN KEY (tenant_id, checkout_id) REFERENCES checkout (tenant_id, id),
  FOREIGN KEY (tenant_id, stage_id) REFERENCES booking_payment_stage (tenant_id, id)
);
CREATE INDEX checkout_stage_stage ON checkout_stage (tenant_id, stage_id);
CALL protect_tenant_table('checkout_stage');

CREATE TABLE payment (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  checkout_id uuid NOT NULL,
  stripe_account_id text,
  stripe_payment_intent_id text NOT NULL CONSTRAINT payment_intent_once UNIQUE,
  stripe_charge_id text,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  card_brand text NOT NULL DEFAULT '',
  card_last4 text NOT NULL DEFAULT '' CHECK (card_last4 ~ '^([0-9]{4})?$'),
  captured_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id),
  FOREIGN KEY (tenant_id, checkout_id) REFERENCES checkout (tenant_id, id)
);
CREATE INDEX payment_booking ON payment (tenant_id, booking_id);
CREATE INDEX payment_captured ON payment (captured_at);
CALL protect_tenant_table('payment');

CREATE TABLE payment_allocation (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  payment_id uuid NOT NULL,
  stage_id uuid NOT NULL,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  CONSTRAINT payment_allocation_once UNIQUE (tenant_id, payment_id, stage_id),
  FOREIGN KEY (tenant_id, payment_id) REFERENCES payment (tenant_id, id),
  FOREIGN KEY (tenant_id, stage_id) REFERENCES booking_payment_stage (tenant_id, id)
);
CREATE INDEX payment_allocation_stage ON payment_allocation (tenant_id, stage_id);
CALL protect_tenant_table('payment_allocation');

CREATE TABLE refund_request (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  payment_id uuid NOT NULL,
  retry_of_id uuid,
  amount_cents bigint NOT NULL CHECK (amount_cents > 0),
  currency text NOT NULL,
  status text NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED')),
  reason text NOT NULL CHECK (reason IN ('date_taken', 'not_owed', 'duplicate', 'mismatch', 'external', 'owner')),
  idempotency_key text NOT NULL CONSTRAINT refund_request_key_once UNIQUE,
  stripe_refund_id text CONSTRAINT refund_request_refund_once UNIQUE,
  failure text NOT NULL DEFAULT '',
  requested_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_id) REFERENCES payment (tenant_id, id),
  FOREIGN KEY (tenant_id, retry_of_id) REFERENCES refund_request (tenant_id, id)
);
CREATE INDEX refund_request_booking ON refund_request (tenant_id, booking_id);
CREATE INDEX refund_request_payment ON refund_request (tenant_id, payment_id);
CREATE INDEX refund_request_open ON refund_request (changed_at) WHERE status IN ('PENDING', 'PROCESSING');
CALL protect_tenant_table('refund_request');

-- Append-only: signed amounts from the booking's point of view. A correction is an opposite row.
CREATE TABLE ledger_entry (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  payment_id uuid,
  refund_request_id uuid,
  kind text NOT NULL CHECK (kind IN ('capture', 'refund', 'refund_failed', 'fee', 'fee_refund', 'dispute', 'dispute_won', 'manual')),
  amount_cents bigint NOT NULL CHECK (amount_cents <> 0),
  currency text NOT NULL,
  provider_id text NOT NULL,
  occurred_at timestamptz NOT NULL,
  CONSTRAINT ledger_entry_once UNIQUE (tenant_id, kind, provider_id),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_id) REFERENCES payment (tenant_id, id),
  FOREIGN KEY (tenant_id, refund_request_id) REFERENCES refund_request (tenant_id, id)
);
COMMENT ON COLUMN ledger_entry.amount_cents IS 'capture > 0, refund < 0, refund_failed > 0; fees are the platform''s share: fee > 0, fee_refund < 0';
CREATE INDEX ledger_entry_booking ON ledger_entry (tenant_id, booking_id);
CREATE INDEX ledger_entry_payment ON ledger_entry (tenant_id, payment_id);
CALL protect_tenant_table('ledger_entry', 'SELECT, INSERT');

CREATE FUNCTION tenant_id_by_booking_token(wanted bytea) RETURNS TABLE (tenant_id uuid, token_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT k.tenant_id, k.id FROM booking_action_token k JOIN tenant t ON t.id = k.tenant_id
      WHERE k.token_hash = wanted AND t.is_active $$;
ALTER FUNCTION tenant_id_by_booking_token(bytea) OWNER TO aisle_platform;

CREATE FUNCTION tenant_id_by_reference(wanted text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT b.tenant_id FROM booking b JOIN tenant t ON t.id = b.tenant_id WHERE b.reference = wanted AND t.is_active $$;
ALTER FUNCTION tenant_id_by_reference(text) OWNER TO aisle_platform;

-- Full-text search for the bound tenant. Under row-level security the planner may not use the GIN indexes, because
-- @@ is not leakproof; here it may, and only ids of the bound tenant come back.
CREATE FUNCTION booking_ids_matching(words text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
AS $$ SELECT id FROM booking WHERE search @@ to_tsquery('simple', words) AND tenant_id = current_tenant()
      UNION
      SELECT b.id FROM customer c JOIN booking b ON b.tenant_id = c.tenant_id AND b.customer_id = c.id
      WHERE c.search @@ to_tsquery('simple', words) AND c.tenant_id = current_tenant() $$;
ALTER FUNCTION booking_ids_matching(text) OWNER TO aisle_platform;

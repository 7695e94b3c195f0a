-- Invoices, credit notes and receipts: numbered without gaps, and never changed once they are issued.

-- Logos are kept as long as a document shows them: a new one is a new row.
CREATE TABLE invoice_logo (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  sha256 bytea NOT NULL,
  content bytea NOT NULL CHECK (length(content) BETWEEN 1 AND 2000000),
  width integer NOT NULL CHECK (width > 0),
  height integer NOT NULL CHECK (height > 0),
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  CONSTRAINT invoice_logo_once UNIQUE (tenant_id, sha256),
  CHECK (sha256 = sha256(content))
);
COMMENT ON COLUMN invoice_logo.content IS 'a PNG that was written here, whatever was uploaded';
CALL protect_tenant_table('invoice_logo', 'SELECT, INSERT');

-- Who a business is on its documents and when it issues them. No row: what the tenant's own row says.
CREATE TABLE invoice_settings (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id) CONSTRAINT invoice_settings_once UNIQUE,
  legal_name text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  country text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$'),
  tax_number text NOT NULL DEFAULT '',
  registration text NOT NULL DEFAULT '',
  exemption text NOT NULL DEFAULT '',
  prefix text NOT NULL DEFAULT '' CHECK (prefix ~ '^([A-Z0-9]+(-[A-Z0-9]+)*)?$' AND length(prefix) <= 63),
  terms text NOT NULL DEFAULT '',
  notes text NOT NULL DEFAULT '',
  issue_when text NOT NULL DEFAULT 'confirmed' CHECK (issue_when IN ('confirmed', 'paid', 'by_hand')),
  paper text NOT NULL DEFAULT '' CHECK (paper IN ('', 'A4', 'Letter')),
  logo_id uuid,
  changed_at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, logo_id) REFERENCES invoice_logo (tenant_id, id)
);
COMMENT ON COLUMN invoice_settings.exemption IS 'why no tax is charged, as the law wants it printed';
COMMENT ON COLUMN invoice_settings.prefix IS 'of numbers; empty: the slug in capitals';
CALL protect_tenant_table('invoice_settings', 'SELECT, INSERT, UPDATE');

-- One row per kind of document and year. Whoever issues holds its lock until the commit, so that a number is taken with
-- its document or not at all.
CREATE TABLE invoice_series (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  kind text NOT NULL CHECK (kind IN ('invoice', 'credit_note', 'receipt')),
  year smallint NOT NULL,
  next_sequence integer NOT NULL CHECK (next_sequence >= 1),
  last_issued_on date NOT NULL,
  CONSTRAINT invoice_series_once UNIQUE (tenant_id, kind, year)
);
COMMENT ON COLUMN invoice_series.last_issued_on IS 'no later number has an earlier date';
CALL protect_tenant_table('invoice_series', 'SELECT, INSERT, UPDATE');

CREATE TABLE invoice (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  booking_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('invoice', 'credit_note', 'receipt')),
  year smallint NOT NULL,
  sequence integer NOT NULL CHECK (sequence >= 1),
  invoice_number text NOT NULL,
  issued_on date NOT NULL,
  issued_at timestamptz NOT NULL,
  customer_name text NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  net_cents bigint NOT NULL,
  tax_cents bigint NOT NULL,
  total_cents bigint NOT NULL,
  document jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
  document_sha256 bytea NOT NULL CHECK (length(document_sha256) = 32),
  refers_to_id uuid,
  payment_id uuid,
  refund_request_id uuid,
  sent_at timestamptz,
  viewed_at timestamptz,
  render_attempts integer NOT NULL DEFAULT 0,
  render_failure text NOT NULL DEFAULT '',
  render_failed_at timestamptz,
  search tsvector GENERATED ALWAYS AS (to_tsvector('simple',
    invoice_number || ' ' || translate(invoice_number, '_-', '  ') || ' ' || customer_name)) STORED,
  UNIQUE (tenant_id, id),
  CONSTRAINT invoice_number_once UNIQUE (tenant_id, invoice_number),
  CONSTRAINT invoice_sequence_once UNIQUE (tenant_id, kind, year, sequence),
  CHECK (year = extract(year FROM issued_on)),
  CHECK (net_cents + tax_cents = total_cents),
  CHECK (kind <> 'credit_note' OR refers_to_id IS NOT NULL),
  CHECK ((kind = 'receipt') = (num_nonnulls(payment_id, refund_request_id) = 1)),
  FOREIGN KEY (tenant_id, booking_id) REFERENCES booking (tenant_id, id),
  FOREIGN KEY (tenant_id, refers_to_id) REFERENCES invoice (tenant_id, id),
  FOREIGN KEY (tenant_id, payment_id) REFERENCES payment (tenant_id, id),
  FOREIGN KEY (tenant_id, refund_request_id) REFERENCES refund_request (tenant_id, id)
);
COMMENT ON COLUMN invoice.document IS 'everything that is printed on it, in the shape of portal/invoices/document';
COMMENT ON COLUMN invoice.document_sha256 IS 'of the document in its canonical form';
COMMENT ON COLUMN invoice.render_failure IS 'why its PDF could not be made; empty once it was';
CREATE UNIQUE INDEX invoice_receipt_of_payment_once ON invoice (tenant_id, payment_id) WHERE payment_id IS NOT NULL;
CREATE UNIQUE INDEX invoice_receipt_of_refund_once ON invoice (tenant_id, refund_request_id)
  WHERE refund_request_id IS NOT NULL;
CREATE INDEX invoice_booking ON invoice (tenant_id, booking_id);
CREATE INDEX invoice_refers_to ON invoice (tenant_id, refers_to_id) WHERE refers_to_id IS NOT NULL;
CREATE INDEX invoice_list ON invoice (tenant_id, issued_on DESC, id DESC);
CREATE INDEX invoice_search ON invoice USING gin (search);
CALL protect_tenant_table('invoice', 'SELECT, INSERT, UPDATE');

-- The bytes that everybody gets. Made once.
CREATE TABLE invoice_file (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  invoice_id uuid NOT NULL,
  format text NOT NULL CHECK (format IN ('pdf')),
  content bytea NOT NULL CHECK (length(content) > 0),
  sha256 bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT invoice_file_once UNIQUE (tenant_id, invoice_id, format),
  CHECK (sha256 = sha256(content)),
  FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoice (tenant_id, id)
);
-- A PDF is compressed already; kept apart and plain it can be read in pieces.
ALTER TABLE invoice_file ALTER content SET STORAGE EXTERNAL;
CALL protect_tenant_table('invoice_file', 'SELECT, INSERT');

-- What was issued stays: only what happened to it afterwards may be written beside it.
CREATE FUNCTION keep_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  beside CONSTANT text[] := ARRAY['sent_at', 'viewed_at', 'render_attempts', 'render_failure', 'render_failed_at', 'search'];
BEGIN
  IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - beside = to_jsonb(OLD) - beside THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Document % was issued and stays as it is. Issue a credit note and a new invoice.', OLD.invoice_number
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_stays';
END $$;
CREATE TRIGGER invoice_stays BEFORE UPDATE OR DELETE ON invoice
  FOR EACH ROW EXECUTE FUNCTION keep_issued_invoice();

CREATE FUNCTION keep_stored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'What % holds is kept as it was stored.', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
END $$;
CREATE TRIGGER invoice_file_stays BEFORE UPDATE OR DELETE ON invoice_file FOR EACH ROW EXECUTE FUNCTION keep_stored();
CREATE TRIGGER invoice_logo_stays BEFORE UPDATE OR DELETE ON invoice_logo FOR EACH ROW EXECUTE FUNCTION keep_stored();

-- A series only counts on, one by one.
CREATE FUNCTION keep_counting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.next_sequence = OLD.next_sequence + 1 AND NEW.last_issued_on >= OLD.last_issued_on
    AND (NEW.id, NEW.tenant_id, NEW.kind, NEW.year) = (OLD.id, OLD.tenant_id, OLD.kind, OLD.year) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'A series of numbers only counts on.'
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'invoice_series_counts_on';
END $$;
CREATE TRIGGER invoice_series_counts_on BEFORE UPDATE OR DELETE ON invoice_series
  FOR EACH ROW EXECUTE FUNCTION keep_counting();

-- As booking_ids_matching: only ids of the bound tenant come back.
GRANT CREATE ON SCHEMA public TO aisle_platform;
CREATE FUNCTION invoice_ids_matching(words text) RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp
AS $$ SELECT id FROM invoice WHERE search @@ to_tsquery('simple', words) AND tenant_id = current_tenant() $$;
ALTER FUNCTION invoice_ids_matching(text) OWNER TO aisle_platform;
REVOKE EXECUTE ON FUNCTION invoice_ids_matching(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION invoice_ids_matching(text) TO aisle_app;
REVOKE CREATE ON SCHEMA public FROM aisle_platform;

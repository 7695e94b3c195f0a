-- What a tenant sells, and the days on which it can be sold.

CREATE TABLE resource (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL,
  position smallint NOT NULL DEFAULT 0,
  UNIQUE (tenant_id, id)
);
CALL protect_tenant_table('resource');

CREATE TABLE package (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  resource_id uuid NOT NULL,
  slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 80),
  name text NOT NULL,
  summary text NOT NULL DEFAULT '',
  description text NOT NULL DEFAULT '',
  included text NOT NULL DEFAULT '',
  base_price_cents bigint NOT NULL CHECK (base_price_cents > 0 AND base_price_cents <= 100000000),
  tax_rate_bp numeric(7, 2) NOT NULL DEFAULT 0 CHECK (tax_rate_bp BETWEEN 0 AND 10000),
  days smallint NOT NULL DEFAULT 1 CHECK (days BETWEEN 1 AND 30),
  buffer_days smallint NOT NULL DEFAULT 0 CHECK (buffer_days BETWEEN 0 AND 14),
  max_guests integer CHECK (max_guests > 0),
  position smallint NOT NULL DEFAULT 0,
  is_active boolean NOT NULL DEFAULT true,
  UNIQUE (tenant_id, id),
  CONSTRAINT package_slug_once UNIQUE (tenant_id, slug),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);
COMMENT ON COLUMN package.included IS 'one line per item';
COMMENT ON COLUMN package.tax_rate_bp IS 'basis points; with two decimals, because 8.875 % is 887.5 of them';
CALL protect_tenant_table('package');

CREATE TABLE add_on (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  price_cents bigint NOT NULL CHECK (price_cents > 0 AND price_cents <= 100000000),
  tax_rate_bp numeric(7, 2) NOT NULL DEFAULT 0 CHECK (tax_rate_bp BETWEEN 0 AND 10000),
  max_quantity smallint NOT NULL DEFAULT 1 CHECK (max_quantity BETWEEN 1 AND 999),
  position smallint NOT NULL DEFAULT 0,
  is_active boolean NOT NULL DEFAULT true,
  UNIQUE (tenant_id, id)
);
CALL protect_tenant_table('add_on');

CREATE TABLE package_add_on (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  package_id uuid NOT NULL,
  add_on_id uuid NOT NULL,
  CONSTRAINT package_add_on_once UNIQUE (tenant_id, package_id, add_on_id),
  FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, add_on_id) REFERENCES add_on (tenant_id, id) ON DELETE CASCADE
);
CALL protect_tenant_table('package_add_on');

CREATE TABLE photo (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  package_id uuid NOT NULL,
  src text NOT NULL,
  alt text NOT NULL,
  width integer NOT NULL CHECK (width > 0),
  height integer NOT NULL CHECK (height > 0),
  position smallint NOT NULL DEFAULT 0,
  FOREIGN KEY (tenant_id, package_id) REFERENCES package (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX photo_package ON photo (tenant_id, package_id, position);
COMMENT ON COLUMN photo.src IS 'path below /static; the first by position is the package''s picture';
CALL protect_tenant_table('photo');

CREATE TRIGGER published_version AFTER INSERT OR UPDATE OR DELETE ON resource
  FOR EACH ROW EXECUTE FUNCTION raise_published_version();
CREATE TRIGGER published_version AFTER INSERT OR UPDATE OR DELETE ON package
  FOR EACH ROW EXECUTE FUNCTION raise_published_version();
CREATE TRIGGER published_version AFTER INSERT OR UPDATE OR DELETE ON add_on
  FOR EACH ROW EXECUTE FUNCTION raise_published_version();
CREATE TRIGGER published_version AFTER INSERT OR UPDATE OR DELETE ON package_add_on
  FOR EACH ROW EXECUTE FUNCTION raise_published_version();
CREATE TRIGGER published_version AFTER INSERT OR UPDATE OR DELETE ON photo
  FOR EACH ROW EXECUTE FUNCTION raise_published_version();

CREATE TABLE blackout_date (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  resource_id uuid NOT NULL,
  first_on date NOT NULL,
  last_on date NOT NULL,
  note text NOT NULL DEFAULT '',
  created_by uuid REFERENCES user_account (id),
  created_at timestamptz NOT NULL,
  UNIQUE (tenant_id, id),
  CHECK (last_on >= first_on AND last_on - first_on < 1100),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id)
);
CREATE INDEX blackout_date_resource ON blackout_date (tenant_id, resource_id, first_on);
CALL protect_tenant_table('blackout_date');

-- The row that makes a date taken. date_claim_once is the truth about double booking; nothing may weaken it.
-- booking_id gets its foreign key in the next migration, where bookings are born.
CREATE TABLE date_claim (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  resource_id uuid NOT NULL,
  claimed_on date NOT NULL,
  kind text NOT NULL CHECK (kind IN ('event', 'buffer', 'hold', 'blackout')),
  booking_id uuid,
  blackout_id uuid,
  CONSTRAINT date_claim_once UNIQUE (tenant_id, resource_id, claimed_on),
  CONSTRAINT date_claim_cause CHECK (
    CASE kind WHEN 'blackout' THEN blackout_id IS NOT NULL AND booking_id IS NULL
              ELSE booking_id IS NOT NULL AND blackout_id IS NULL END),
  FOREIGN KEY (tenant_id, resource_id) REFERENCES resource (tenant_id, id),
  FOREIGN KEY (tenant_id, blackout_id) REFERENCES blackout_date (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX date_claim_booking ON date_claim (tenant_id, booking_id) WHERE booking_id IS NOT NULL;
CREATE INDEX date_claim_blackout ON date_claim (tenant_id, blackout_id) WHERE blackout_id IS NOT NULL;
CALL protect_tenant_table('date_claim');

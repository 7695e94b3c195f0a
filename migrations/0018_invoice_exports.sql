-- Many documents in one file, put together in the background and forgotten after a few days.

CREATE TABLE invoice_export (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  status text NOT NULL CHECK (status IN ('making', 'ready', 'failed')),
  invoice_ids uuid[] NOT NULL CHECK (cardinality(invoice_ids) BETWEEN 1 AND 2000),
  missing_ids uuid[] NOT NULL DEFAULT '{}',
  done_count integer NOT NULL DEFAULT 0 CHECK (done_count BETWEEN 0 AND 2 * cardinality(invoice_ids)),
  run uuid,
  byte_count bigint,
  created_at timestamptz NOT NULL,
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  CONSTRAINT invoice_export_has_its_end CHECK ((status = 'making') = (ended_at IS NULL)),
  CONSTRAINT invoice_export_ready_has_bytes CHECK ((status = 'ready') = (byte_count IS NOT NULL))
);
COMMENT ON COLUMN invoice_export.invoice_ids IS 'what was listed when it was asked for, in the order of the file';
COMMENT ON COLUMN invoice_export.missing_ids IS 'whose PDF could not be made; the file names them';
COMMENT ON COLUMN invoice_export.done_count IS 'each document counts twice: when its PDF is there, and when it is in the file';
COMMENT ON COLUMN invoice_export.run IS 'the attempt whose parts count; one that was overtaken writes no more';
CREATE INDEX invoice_export_newest ON invoice_export (tenant_id, created_at DESC);
CREATE INDEX invoice_export_age ON invoice_export (created_at);
CALL protect_tenant_table('invoice_export');

-- The file in pieces, so that nobody has to hold all of it.
CREATE TABLE invoice_export_part (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  export_id uuid NOT NULL,
  position integer NOT NULL CHECK (position >= 0),
  content bytea NOT NULL CHECK (length(content) > 0),
  CONSTRAINT invoice_export_part_once UNIQUE (tenant_id, export_id, position),
  FOREIGN KEY (tenant_id, export_id) REFERENCES invoice_export (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE invoice_export_part ALTER content SET STORAGE EXTERNAL;
CALL protect_tenant_table('invoice_export_part');

-- A refund that a bank sends back has a second receipt, which takes back the first.

DROP INDEX invoice_receipt_of_refund_once;
CREATE UNIQUE INDEX invoice_receipt_of_refund_once ON invoice (tenant_id, refund_request_id, (refers_to_id IS NULL))
  WHERE refund_request_id IS NOT NULL;
ALTER TABLE invoice ADD CONSTRAINT invoice_receipt_takes_back_a_refund
  CHECK (kind <> 'receipt' OR refers_to_id IS NULL OR refund_request_id IS NOT NULL);
COMMENT ON COLUMN invoice.refers_to_id IS
  'the invoice that a credit note is about; the receipt of a refund that this one takes back, because it came back';

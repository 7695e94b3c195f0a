"""What can still be given back of a payment: captured, minus what goes back already, minus what a dispute took."""

# For a row of the table ``payment`` under its own name.
LEFT_OF_PAYMENT = (
    "payment.amount_cents"
    " - (SELECT coalesce(sum(r.amount_cents), 0) FROM refund_request r WHERE r.tenant_id = payment.tenant_id"
    "    AND r.payment_id = payment.id AND r.status <> 'FAILED')"
    " + (SELECT coalesce(sum(l.amount_cents), 0) FROM ledger_entry l WHERE l.tenant_id = payment.tenant_id"
    "    AND l.payment_id = payment.id AND l.kind IN ('dispute', 'dispute_won'))"
)

"""Invoices, credit notes and receipts: which documents a booking should have, their numbers, pages and PDFs."""

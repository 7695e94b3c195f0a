"""The couple's own pages, reached by an emailed link and without an account."""

-- What became of mails, and addresses that are written to no more.

SELECT 1;

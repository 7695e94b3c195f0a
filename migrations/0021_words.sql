-- The words of a business for its mails.

SELECT 1;

-- Calendars at Google, and secrets that only the application can read.

SELECT 1;

-- Bookings as events in calendars elsewhere.

SELECT 1;

-- What a business wants to hear at once, and what once a day.

SELECT 1;

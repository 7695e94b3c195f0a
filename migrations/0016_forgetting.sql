-- The security log holds addresses of people, so it is forgotten in time like everything else that has served.
GRANT DELETE ON security_event TO aisle_platform;

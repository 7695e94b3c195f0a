"""The pages people see: paying a session, and finishing the set-up of a connected account."""

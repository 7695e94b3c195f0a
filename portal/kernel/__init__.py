"""Plain values and rules with no dependency: standard library only, no database, no web."""

"""The checker of promises: what must hold is asked of the database and of the payment provider, row by row.

It only reads, and it shares no rule with the code it checks beyond the table of states. ``flask check`` prints what
it finds; an empty list is the proof.
"""

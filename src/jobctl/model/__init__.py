"""What jobctl thinks in: states, specifications, statuses, identifiers, quantities.

Nothing here reads or writes a file, starts a process or looks at a clock.
"""

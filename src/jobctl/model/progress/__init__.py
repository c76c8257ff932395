"""What a job's output and its reports say about how far it is. Pure: bytes in, facts out.

`screen` takes a stream of bytes apart into the lines that a terminal would have shown, `shapes` finds in a line
what may be a fraction, `detector` decides which of them is one, `reports` reads what a job says on purpose,
`rate` tells how long it may still take. docs/internals.md, "Progress", says how it is decided and why.
"""

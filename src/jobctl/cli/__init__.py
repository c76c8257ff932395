"""The command line: one file a command, each a function from plain values to an exit status."""

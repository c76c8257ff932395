"""The only code that knows where jobctl's files are and how they are written and read."""

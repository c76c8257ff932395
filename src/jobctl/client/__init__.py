"""What every client does, the command line and programs in Python alike; jobctl's Python interface is in here."""

"""Measure jobctl beside floors and peers: `python -m bench --help`."""

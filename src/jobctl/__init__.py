"""jobctl: make a command a durable job, let a local daemon run it, fetch what it made.

Importing this package does nothing but name its version.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]

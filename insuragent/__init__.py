"""insuragent: the insurance agent's desk and its head office."""

__version__ = "0.1.0"

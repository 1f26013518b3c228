"""The sample field day: a demo profile full of life, and the whole day off-screen with a head office of its own."""

from insuragent.demo.seeding import newest, seed

__all__ = ["newest", "seed"]

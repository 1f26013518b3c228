"""How desk and head office agree."""

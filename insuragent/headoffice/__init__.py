"""The server: what head office runs; its ledger, feeds and devices live here."""

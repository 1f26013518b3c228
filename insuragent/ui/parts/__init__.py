"""What pages are put together of: one customer's file, lists, the import."""

"""What is sold: a product package read, checked, priced and illustrated; pure numbers, no store, no window."""

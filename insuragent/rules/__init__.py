"""What must hold: pure functions over plain values, with the dated policy data passed in."""

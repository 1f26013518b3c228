"""What is seen: the only folder with Qt, beside app.py."""

"""What is printed: data in, PDF bytes out; the only folder with reportlab."""

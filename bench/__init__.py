"""What is measured, side by side with peers; each module offers ``rows()``."""

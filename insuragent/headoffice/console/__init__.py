"""The console: head office's own pages for its people, plain HTML that needs no script."""

"""The project's own tools: set-up, checks, and what makes the bundled resources."""

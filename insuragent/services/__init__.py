"""What is done: one function a use case, all take a unit of work."""

"""The views without services: a lake on a folder, and what its records come to."""

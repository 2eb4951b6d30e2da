"""What every request passes before a route sees it: bounds, limits, kept answers; and what every response gets."""

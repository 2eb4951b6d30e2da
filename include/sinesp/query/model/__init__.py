"""Questions, rows and answers, in words of their own: standard library only."""

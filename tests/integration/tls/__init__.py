"""Everything over TLS, with real certificates: who gets in, and what is said to who does not."""

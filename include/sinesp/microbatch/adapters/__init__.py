"""The outside of a batch: offsets, records, staged files, ledger, quarantine, the hot write path."""

"""How an answer meets its key: `check`, fingerprints, comparison, and what a student is told."""

"""The terminal face: verbs, progress and exit codes."""

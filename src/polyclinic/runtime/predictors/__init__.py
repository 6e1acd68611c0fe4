"""What runs networks: torch, or an exported network in another runtime."""

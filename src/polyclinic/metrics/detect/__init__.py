"""Found instances beside annotated ones: what they share, who belongs to whom, what follows."""

"""Reading at speed: from files to readings."""

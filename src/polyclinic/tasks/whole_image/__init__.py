"""What tasks share that say something of an image as a whole."""

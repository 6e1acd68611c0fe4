"""How far two or more ways of measuring the same thing agree, for any weights of the objects."""

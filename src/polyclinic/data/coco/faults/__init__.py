"""What can be wrong with one annotation row; a row with an error is not used."""

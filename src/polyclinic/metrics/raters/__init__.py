"""How far several raters of one image agree."""

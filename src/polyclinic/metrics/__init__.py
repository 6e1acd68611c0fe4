"""How far readings are from annotations."""

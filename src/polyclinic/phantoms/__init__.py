"""Procedural images with exact truth."""

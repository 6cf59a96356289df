"""Theorems on gated cells."""

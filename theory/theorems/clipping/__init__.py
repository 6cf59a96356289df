"""Theorems on clipping."""

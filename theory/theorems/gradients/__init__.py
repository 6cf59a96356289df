"""Theorems on gradients."""

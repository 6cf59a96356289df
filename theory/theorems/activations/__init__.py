"""Theorems on activations."""

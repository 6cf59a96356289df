"""Theorems on what gradients do to learning."""

"""Theorems on jacobians."""

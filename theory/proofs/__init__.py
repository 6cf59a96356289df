"""Proof methods that several theorems share."""

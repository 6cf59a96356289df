"""Theorems on spectra."""

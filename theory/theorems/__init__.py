"""The theorems, one a file, by topic."""

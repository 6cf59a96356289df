"""What a subject may offer, and how what it returns is compared with what a statement says."""

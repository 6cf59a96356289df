"""Properties: what a statement says about an instance, confronted with what the subject does with it."""

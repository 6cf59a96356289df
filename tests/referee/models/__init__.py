"""Models and functions of frameworks as subjects, without an adapter of the user's own."""

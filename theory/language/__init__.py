"""What statements are written in: notation, nodes, activations and losses, relations, typesetting."""

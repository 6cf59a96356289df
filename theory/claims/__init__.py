"""What the five sources state, each with the literal reading that judges it; verdicts come from the run alone."""

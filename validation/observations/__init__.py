"""Published liquid-cell observations: cases with criteria that were fixed before they were run."""

"""The shape of a deposit: measures of a section through it, and a verdict. Arrays in, numbers out."""

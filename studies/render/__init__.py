"""Pictures of runs in three dimensions, drawn off-screen by PyVista (the extra `viz`)."""

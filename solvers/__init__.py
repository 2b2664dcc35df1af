"""How it is computed: Newton, time stepping, events, books. Knows forms, no chemistry."""

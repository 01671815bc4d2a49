"""Who listens to a call's events without being able to change it: one file per sink, one method `on_event`."""

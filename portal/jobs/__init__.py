"""What happens because time passes: the timetable, the runner, and the process that keeps the time."""

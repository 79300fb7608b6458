"""What one notebook may use, and how its run can end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Seconds of the clock and of the processor, memory and files in MB, processes.

    cell_seconds: of the processor, for one cell; beyond it the cell is given up and the next runs.
    memory_mb: beyond what Python with pandas and Altair has already.
    answers_mb: what may come out of the sandbox.
    """

    seconds: float = 90
    cpu_seconds: int = 60
    cell_seconds: float = 20
    memory_mb: int = 1500
    processes: int = 16
    file_mb: int = 32
    answers_mb: int = 48


# How a student's process ended: all ran; it ended before; it was stopped.
FINISHED, DIED, TOO_LONG = 0, 1, 2

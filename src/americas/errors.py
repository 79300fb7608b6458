"""The one exception that a student or a teacher may meet: a sentence, not a traceback."""


class CourseError(Exception):
    """Something is wrong that its reader can mend; the message says what, where and how."""

    def _render_traceback_(self) -> list[str]:
        # IPython prints what this returns in place of its own traceback.
        return [str(self)]

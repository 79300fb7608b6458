"""The course's folder and its notebooks: where they are, how they are read, run and stored."""

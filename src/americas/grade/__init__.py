"""Mark a class: `americas grade` and `americas mark`.

A submission passes through these modules in order:

- submissions, platforms, attempts: which files are whose, and which of them counts
- parse, assignment, locate_answers: a notebook in any state, what was handed out, which cell
  answers what
- sandbox, bubblewrap; worker, runner, namespaces: run strangers' code, from outside and inside
- protocol, validate: what came out of there, and whether it is an answer at all
- mark, batch: one notebook into one result, and a class of them
- store, standing, written: the database, which hand mark counts, the table to fill in
- rosters, gradebooks, give_back, records: the class list, and what goes back to a platform
- pages, feedback, class_report, templates/: what students and teachers read
- server, marking_page, oral, static/: the page on which a teacher marks
- pipeline: the command
"""

"""Mark a class: `americas grade` and `americas mark`.

A submission passes through these modules in order:

- archives, submissions, platforms, attempts: what files there are, whose, and which of them counts
- parse, assignment, locate_answers: a notebook in any state, what was handed out, which cell
  answers what
- sandbox, bubblewrap: run strangers' code, the outer side
- worker, runner, cell_code, namespaces: the inner side
- output, protocol, validate: what came out of there, and whether it is an answer at all
- mark, verdicts, batch: one notebook into one result, and a class of them
- database, store, standing, written: hand marks, which of them counts, the table to fill in
- totals, rosters, gradebooks, titles, give_back, records: points, the class list, and what goes
  back to a platform
- report, pages, feedback, class_report, templates/: what students and teachers read
- server, handlers, marking_page, oral, static/: the page on which a teacher marks
- pipeline: the command
"""

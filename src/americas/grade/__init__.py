"""Marks a class: `americas grade`.

The rooms, in the order in which a submission passes through them: finding (which files are whose),
reading (a notebook in any state), handed_out (what the student was given), matching (which of the
student's cells answers what), sandbox and walls (run strangers' code; session, inside and apart
are their inner side), hearing and trust (what came out of there, and is it an answer at all?),
marking (one notebook in, one result out), classroom (a class of them), and then what a teacher
gets: tables, written, roster, pages, report. desk is where the command comes in.
"""

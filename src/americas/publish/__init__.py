"""What is made from the notebooks for reading and showing: pages and slides, without a network.

`figures` is how a stored chart becomes part of either.
"""

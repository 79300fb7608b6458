"""What an exercise looks like in a notebook: in a solution, a set, and what is handed in."""

import re

# The heading of a prompt, such as `## 4.2 · Count the dollars`: its number and its title.
PROMPT = re.compile(r"## (\d+\.\d+) · (.+)")
# What stands where an answer in words is to be written.
PLACEHOLDER = "*Write your answer here.*"

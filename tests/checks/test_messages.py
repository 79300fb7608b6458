"""Every sentence of a check stands in messages.toml, is used, and can be filled in."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from americas.checks import messages

ROOM = Path(messages.__file__).parents[1]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(ROOM.rglob("*.py")))


def entries(table, prefix=""):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from entries(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value if isinstance(value, list) else [value]


SENTENCES = dict(entries(tomllib.loads(messages.CATALOGUE.read_text(encoding="utf-8"))))
# Keys whose last part is filled in: "number.factor_100", "kind.name.table".
FAMILIES = re.findall(r'f"([a-z_.]+)\{', CODE)


@pytest.mark.parametrize("key", SENTENCES)
def test_a_sentence_is_used_and_whole(key):
    if key.startswith("marking."):
        pytest.skip("the marking room's own test")
    assert f'"{key}"' in CODE or any(key.startswith(family) for family in FAMILIES)
    message = SENTENCES[key][0]
    if not re.search(
        r"\.(words|name|unit)\.|_near$|outcome|number\.|not_run|in_plain_words|data$|unknown$|merge$",
        key,
    ):
        assert message[0].isupper() or message[0] in "{`"
    for sentence in SENTENCES[key]:
        fields = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
        assert all(field.isidentifier() for field in fields)


def test_every_key_that_the_code_names_has_a_sentence():
    named = set(re.findall(r'(?:say|feedback)\(\s*"([a-z_.0-9]+)"', CODE))
    assert len(named) > 80
    assert named - set(SENTENCES) == set()


def test_one_and_several_are_told_apart():
    assert "1 row." in messages.say("table.too_few", rows=1)
    assert "1,200 rows." in messages.say("table.too_few", rows=1200)


def test_a_field_that_is_not_given_is_a_fault_of_ours():
    with pytest.raises(KeyError):
        messages.say("table.too_few")

"""Where the files of the course lie, and where it can be opened: `Course`, passed to each command."""

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

# Binder builds an image of what a link names and waits minutes for it, so the links name a tag
# that is moved on purpose, once an image is ready (see .github/CONTRIBUTING.md).
BINDER_TAG = "binder"
# The branch without the solutions, which `.ci/students` makes of a release. A branch and no tag:
# nbgitpuller can clone a tag, but fails when the link is clicked a second time.
STUDENTS = "students"


@dataclass(frozen=True)
class Course:
    """A folder that holds the course: notebooks, exercises, solutions, data, package.

    root: the folder with pyproject.toml and README.md.
    """

    root: Path

    @classmethod
    def of_this_package(cls) -> "Course":
        """Return the checkout that this package belongs to; see `is_checkout`."""
        return cls(Path(__file__).parents[3])

    @property
    def is_checkout(self) -> bool:
        """Return whether the folder is there; it is not where only the wheel is installed."""
        return (self.root / "pyproject.toml").is_file()

    @property
    def keys(self) -> Path:
        """Return the folder of the answer keys, one file a set."""
        return self.root / "src" / "americas" / "checks" / "keys"

    def lessons(self) -> list[Path]:
        """Return the lessons' notebooks, in order."""
        return self.notebooks("notebooks")

    def sets(self) -> list[Path]:
        """Return the exercise sets as students get them, in order."""
        return self.notebooks("exercises")

    def solutions(self) -> list[Path]:
        """Return the solutions' notebooks, in order."""
        return self.notebooks("solutions")

    def notebooks(self, folder: str) -> list[Path]:
        """Return the notebooks `NN-topic.ipynb` of a folder, in order."""
        return sorted((self.root / folder).glob("[0-9][0-9]-*.ipynb"))

    @cached_property
    def project(self) -> dict:
        """Return the table `project` of pyproject.toml."""
        text = (self.root / "pyproject.toml").read_text(encoding="utf-8")
        return tomllib.loads(text)["project"]

    @property
    def repository(self) -> str:
        """Return the address of the course's repository, which only pyproject.toml names."""
        return self.project["urls"]["Repository"]

    @property
    def pages(self) -> str:
        """Return the address at which GitHub publishes the repository's pages."""
        owner, _, name = self.repository.removeprefix("https://github.com/").partition("/")
        return f"https://{owner.lower()}.github.io/{name}"

    def binder(self, notebook: str) -> str:
        """Return the address at which Binder opens a notebook, such as `notebooks/04-….ipynb`."""
        name = self.repository.removeprefix("https://github.com/")
        place = f"?urlpath=lab/tree/{notebook}"
        return f"https://mybinder.org/v2/gh/{name}/{BINDER_TAG}{place}"

    @staticmethod
    def lite(notebook: str) -> str:
        """Return where the browser edition opens a notebook, from the folder of the site."""
        return f"lite/lab/index.html?path={notebook}"

    def hub(self, notebook: str) -> str:
        """Return the link with which a JupyterHub (for HUB) fetches the course and opens a notebook."""
        place = f"lab/tree/{self.repository.rpartition('/')[2]}/{notebook}"
        query = urlencode({"repo": self.repository, "branch": STUDENTS, "urlpath": place})
        return f"https://HUB/hub/user-redirect/git-pull?{query}"

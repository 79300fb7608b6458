"""`americas grade` for a teacher who has installed the package and has no checkout."""

import csv
import subprocess
import sysconfig
import venv

import pytest

from americas.grade import bubblewrap

NAME = "04-plan-colombia"


@pytest.mark.skipif(bool(bubblewrap.missing()), reason=bubblewrap.missing() or "")
def test_the_wheel_alone_marks_a_class(handed, installed_wheel, tmp_path):
    # An environment of its own: the wheel, and the libraries of this one without the editable
    # install, whose .pth file is read in its own folder only.
    venv.create(tmp_path / "env", symlinks=True)
    python = next((tmp_path / "env").glob("*/python"))
    (packages,) = (tmp_path / "env").glob("**/site-packages")
    lines = [str(installed_wheel), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (packages / "course.pth").write_text("\n".join(dict.fromkeys(lines)), encoding="utf-8")
    folder = tmp_path / "somewhere" / "class"
    folder.mkdir(parents=True)
    (folder / f"anaruiz_101_901_{NAME}.ipynb").write_bytes(handed.solve().raw())
    code = "import americas, sys; print(americas.__file__, file=sys.stderr)\n"
    code += "from americas.cli import main; sys.exit(main())"
    done = subprocess.run(
        [python, "-I", "-c", code, "grade", "class"],
        cwd=folder.parent, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip() == str(installed_wheel / "americas" / "__init__.py")
    with (folder.with_name("class-marks") / "records.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["outcome"] != "not attempted"]
    assert [row["points"] for row in rows] == ["1"] * len(handed.numbers)

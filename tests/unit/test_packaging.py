"""What is installed, and what is shipped to executors as one file, holds the model that extraction reads."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODEL = "pipeline/kernels/html/main_content/main_content.npz"
READ = """
import sys
sys.path.insert(0, sys.argv[1])
import pipeline
from pipeline.kernels.html.main_content.model import shipped_model
assert pipeline.__file__.startswith(sys.argv[1]), pipeline.__file__
assert len(shipped_model().words)
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return what setuptools would put into a wheel."""
    pytest.importorskip("setuptools")
    folder = tmp_path_factory.mktemp("built")
    build = ["-c", "from setuptools import setup; setup()", "egg_info", "--egg-base", str(folder)]
    to = ["build_py", "--build-lib", str(folder / "lib")]
    subprocess.run([sys.executable, *build, *to], cwd=ROOT, check=True, capture_output=True, timeout=120)
    return folder / "lib"


def zipped(built: Path, folder: Path) -> Path:
    """Return the packages in one file, as `spark-submit --py-files` ships them."""
    place = folder / "gristmill.zip"
    with zipfile.ZipFile(place, "w") as packed:
        for file in sorted(file for file in built.rglob("*") if file.is_file()):
            packed.write(file, file.relative_to(built))
    return place


def test_an_installation_holds_the_model_and_the_configuration(built: Path) -> None:
    assert (built / MODEL).read_bytes() == (ROOT / MODEL).read_bytes()
    assert (built / "jobs" / "conf" / "default.yaml").is_file()
    assert (built / "classifiers" / "main_content" / "fit.py").is_file()
    assert len(list((built / "jobs" / "conf" / "recipes").glob("*.yaml"))) == 6


@pytest.mark.parametrize("as_zip", [False, True])
def test_url_lists_are_read_from_a_folder_and_from_a_zip(built: Path, tmp_path: Path, as_zip: bool) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pipeline.url_screen.list_entries import entries_in\n"
        "from pipeline.url_screen.list_files import _SHIPPED, list_files\n"
        "lists = [pair for file in list_files(('bundled',)) for pair in entries_in(file)]\n"
        "assert sys.argv[1] in str(_SHIPPED) and len(lists) == 4 and all(len(some.entries) for _, some in lists)\n"
    )
    place = zipped(built, tmp_path) if as_zip else built
    subprocess.run([sys.executable, "-c", program, str(place)], cwd=tmp_path, check=True, timeout=300)


@pytest.mark.parametrize("as_zip", [False, True])
def test_lists_and_limits_are_read_from_a_folder_and_from_a_zip(built: Path, tmp_path: Path, as_zip: bool) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pipeline.heuristics.limits import FINEWEB2, limits_text\n"
        "from pipeline.kernels.signals.dirty_words import BUNDLED, read_lists\n"
        "assert sys.argv[1] in str(BUNDLED) and len(read_lists(BUNDLED)) == 28 and limits_text(FINEWEB2)\n"
    )
    place = zipped(built, tmp_path) if as_zip else built
    subprocess.run([sys.executable, "-c", program, str(place)], cwd=tmp_path, check=True, timeout=300)


@pytest.mark.parametrize("as_zip", [False, True])
def test_recipes_are_read_from_a_folder_and_from_a_zip(built: Path, tmp_path: Path, as_zip: bool) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import jobs\n"
        "from pipeline.engine.config import load_settings\n"
        "from pipeline.engine.named_recipes import about_recipe, recipe_names\n"
        "assert jobs.__file__.startswith(sys.argv[1]) and len(recipe_names()) == 6\n"
        "assert all(about_recipe(name).differs and load_settings((), (), name) for name in recipe_names())\n"
    )
    place = zipped(built, tmp_path) if as_zip else built
    subprocess.run([sys.executable, "-c", program, str(place)], cwd=tmp_path, check=True, timeout=300)


@pytest.mark.parametrize("as_zip", [False, True])
def test_the_registry_and_prompts_are_read_from_a_folder_and_from_a_zip(
    built: Path, tmp_path: Path, as_zip: bool
) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import classifiers\n"
        "from classifiers.annotation.prompt_files import prompt_names, read_prompt\n"
        "from classifiers.hub.registry import registry\n"
        "assert classifiers.__file__.startswith(sys.argv[1]) and 'dclm' in registry()\n"
        "assert len([read_prompt(name).digest for name in prompt_names()]) == 6\n"
    )
    place = zipped(built, tmp_path) if as_zip else built
    subprocess.run([sys.executable, "-c", program, str(place)], cwd=tmp_path, check=True, timeout=300)


@pytest.mark.parametrize("as_zip", [False, True])
def test_the_model_is_read_from_a_folder_and_from_a_zip(built: Path, tmp_path: Path, as_zip: bool) -> None:
    place = zipped(built, tmp_path) if as_zip else built
    subprocess.run([sys.executable, "-c", READ, str(place)], cwd=tmp_path, check=True, timeout=300)

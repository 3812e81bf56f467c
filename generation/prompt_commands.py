"""`skillweave prompt list`, `eject` and `try`: from a shipped prompt to one of your own, seen beside it and priced."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.books import read_books
from engine.errors import ExitCode, InputError
from engine.files import storage_errors
from engine.models import known_prices
from engine.options import WorkspaceOption
from engine.prompt import placeholders
from engine.run import Run
from engine.terminal import plain, print_table, print_text
from engine.work import Models, work_on
from engine.workspace import Workspace
from generation.making import plan_generation
from generation.options import (
    GraphOption,
    ModelOption,
    SamplerOption,
    SamplingOption,
    SeedOption,
    SettingOption,
    ShotsOption,
    sampling_of,
    settings_of,
)
from generation.recipes import ALL_RECIPES, RECIPES
from generation.shots import ShotSettings
from generation.trial import check_placeholders, read_side, same_work, trial_run
from generation.trial_view import SHIPPED, show_difference, show_pairs
from graph.sampling.samplers import DEFAULT, find_sampler
from graph.snapshot import Snapshot, find_snapshot

PromptArgument = Annotated[str, typer.Argument(metavar="RECIPE/PROMPT", help="See them: skillweave prompt list")]


def prompt_commands(models: Models) -> typer.Typer:
    """The commands of `skillweave prompt`; `models` opens what `--model` names."""
    app = typer.Typer(help="Look at the prompts, change one, and try it beside the shipped one.", no_args_is_help=True)

    @app.command("list")
    def list_prompts(
        name: Annotated[str | None, typer.Argument(help="A prompt to print, as RECIPE/PROMPT.")] = None,
    ) -> None:
        """List the prompts of all recipes, or print one."""
        if name is not None:
            typer.echo(_shipped(name), nl=False)
            return
        wanted = [(key, len(text), ", ".join(sorted(placeholders(text)))) for key, text in _texts().items()]
        print_table(("prompt", "characters", "placeholders"), wanted)

    @app.command()
    def eject(
        name: PromptArgument,
        to: Annotated[Path | None, typer.Option(help="The file to write; else PROMPT.prompt, here.")] = None,
        force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    ) -> None:
        """Write a shipped prompt to a file, to be changed."""
        text = _shipped(name)
        path = to or Path(f"{name.partition('/')[2]}.prompt")
        with storage_errors(path):
            try:
                with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
                    file.write(text)
            except FileExistsError:
                raise InputError(
                    f"{path} is there already; write another with --to FILE, or over it: --force"
                ) from None
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
                raise InputError(
                    f"{path}: {error.strerror}; name a file in a folder that is there: --to FILE"
                ) from None
        print_text(f"wrote {path}; it may hold {_braced(placeholders(text))}. Change it, then:")
        _print_command("prompt", "try", name, str(path))

    @app.command("try")
    def try_prompt(
        name: PromptArgument,
        file: Annotated[Path, typer.Argument(help="Your prompt; begin one: skillweave prompt eject RECIPE/PROMPT")],
        n: Annotated[int, typer.Option("--n", min=1, max=1_000, help="Compositions to try.")] = 20,
        model: ModelOption = "offline-teacher",
        graph: GraphOption = "latest",
        seed: SeedOption = 0,
        sampler: SamplerOption = DEFAULT.name,
        sampling: SamplingOption = None,
        shots: ShotsOption = 8,
        setting: SettingOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        """Ask a model with the shipped prompt and with yours, for the same compositions, and show both with prices."""
        place = Workspace.find(workspace).prepare()
        recipe_name, prompt = _tried(name)
        own = _read(file)
        for missing in check_placeholders(_shipped(name), own, str(file)):
            print_text(f"{file} leaves out {_braced([missing])}: the model will not be told", style="yellow")
        recipe = RECIPES[recipe_name]
        ref = models.ref(model, place)
        given: dict[str, Any] = {
            "models": dict.fromkeys(recipe.roles, ref),
            "recipe": recipe_name,
            "seed": seed,
            "sampler": sampler,
            "sampling": sampling_of(sampling),
            "shots": ShotSettings(count=shots, distinct_sets=min(shots, 8)),
            "settings": settings_of(setting),
        }
        snapshot = Snapshot.open(find_snapshot(place.graphs, graph))
        specs = [plan_generation(place, snapshot, **given, prompts=own_one) for own_one in ({}, {prompt: own})]
        prepared = [trial_run(place, spec, n) for spec in specs]
        runs = [run for run, _ in prepared]
        indices = prepared[0][1]
        asked, ending = -_calls(runs), ExitCode.COMPLETE
        with models.open([ref], place) as endpoints:
            for run, label in zip(runs, (f"the {SHIPPED} prompt", str(file)), strict=True):
                worked = work_on(run, endpoints, label=label, reuse=same_work(place, run))
                ending = ending or worked.exit_code
                if worked.outcome.interrupted:
                    break
        asked += _calls(runs)
        old, new = (read_side(run, indices) for run in runs)
        show_pairs(runs[0], indices, old, new, str(file))
        show_difference(old, new, str(file), known_prices(place))
        print_text(
            f"{asked:,} calls were made now; the rest was there. Read one whole: skillweave show {new.run} --index N"
        )
        if ending is not ExitCode.COMPLETE:
            print_text("some are open; give the same command again to go on, nothing is paid twice")
            raise typer.Exit(int(ending))
        print_text("To use it in a new run, these replies included:")
        options = [
            ("--recipe", recipe_name, "mathscale"),
            ("--prompt", f"{prompt}={file}", ""),
            ("--model", model, "offline-teacher"),
            ("--graph", graph, "latest"),
            ("--seed", seed, 0),
            ("--sampler", sampler, DEFAULT.name),
            *(("--sampler-set", text, "") for text in sampling or ()),
            ("--coverage", "none" if find_sampler(sampler).guided else "", ""),
            ("--shots", shots, 8),
            *(("--set", text, "") for text in setting or ()),
            ("--reuse", new.run, ""),
            ("--workspace", workspace, None),
        ]
        words = [word for option, value, usual in options if value != usual for word in (option, str(value))]
        _print_command("generate", *words)

    return app


def _texts() -> dict[str, str]:
    """Every shipped prompt by recipe/prompt."""
    return {f"{recipe.name}/{name}": text for recipe in ALL_RECIPES.values() for name, text in recipe.prompts.items()}


def _shipped(name: str) -> str:
    texts = _texts()
    if name not in texts:
        raise InputError(f"there is no prompt {name!r}, only {', '.join(texts)}; see: skillweave prompt list")
    return texts[name]


def _tried(name: str) -> tuple[str, str]:
    """Recipe and prompt. Raises InputError for one that makes no questions from compositions."""
    _shipped(name)
    recipe, _, prompt = name.partition("/")
    if recipe not in RECIPES or not {"question", "answer"} <= set(RECIPES[recipe].columns.names):
        raise InputError(
            f"{name} writes no questions, so there are no compositions to try it on; what it changes shows in a graph "
            "of a few seeds: skillweave graph build SEEDS"
        )
    return recipe, prompt


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise InputError(
            f"{file}: {why}; write the shipped one to a file: skillweave prompt eject RECIPE/PROMPT"
        ) from None


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in sorted(names))


def _print_command(*words: str) -> None:
    """A command to copy: in one line, however long."""
    typer.echo(f"  {plain(shlex.join(('skillweave', *words)))}")


def _calls(runs: Sequence[Run]) -> int:
    """Calls that the runs have paid so far."""
    return sum(part.calls for run in runs for part in read_books(run.folder).spent)

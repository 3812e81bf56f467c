"""Push a dataset to the Hugging Face hub, only where it is asked for: its folder as it is, one commit.

The package `huggingface_hub` comes with `datasets`. The token is that of `hf auth login` or of HF_TOKEN, the address
that of HF_ENDPOINT where it is set. A repository that is not there yet is made private.
"""

from __future__ import annotations

import re
from pathlib import Path

from engine.errors import ConnectionFault, InputError

_REPO = re.compile(r"[\w.-]+/[\w.-]+")


def check_repo(repo: str) -> None:
    """Raises InputError for what is no name of a repository, before anything is written."""
    if not _REPO.fullmatch(repo):
        raise InputError(f"--push {repo}: give the repository with its owner, as --push me/my-dataset")


def push(folder: Path, repo: str) -> str:
    """Upload the folder; returns the address of the dataset.

    Raises InputError where `huggingface_hub` or a token is missing or the hub refuses, ConnectionFault where it cannot
    be reached. The dataset on disk is whole in any case.
    """
    try:
        import huggingface_hub
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError:
        raise InputError("--push needs the package huggingface_hub; install it: pip install datasets") from None
    again = f"the dataset is whole in {folder}; push it: skillweave dataset push {folder.name} {repo}"
    if huggingface_hub.get_token() is None:
        raise InputError(f"--push needs a token of the hub: hf auth login, or set HF_TOKEN; {again}")
    hub = huggingface_hub.HfApi(library_name="skillweave")
    try:
        url = hub.create_repo(repo, repo_type="dataset", private=True, exist_ok=True)
        hub.upload_folder(
            repo_id=repo, repo_type="dataset", folder_path=folder, commit_message=f"{folder.name}, by skillweave"
        )
    except HfHubHTTPError as error:
        raise InputError(f"the hub refuses {repo}: {str(error).strip().splitlines()[0]}; {again}") from None
    except Exception as error:  # noqa: BLE001 - the package's versions have HTTP clients with errors of their own
        raise ConnectionFault(f"the hub at {hub.endpoint} cannot be reached ({error}); {again}") from None
    return str(url)

"""bespokelabs-curator: python curator.py BASE_URL ROWS IN_FLIGHT FOLDER PROMPT; given again, it goes on."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

litellm = importlib.util.find_spec("litellm")
assert litellm is not None
assert litellm.origin is not None
# The encoding that it counts tokens with would be downloaded; litellm, which it rests on, brings it along.
os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(litellm.origin).parent / "litellm_core_utils" / "tokenizers")

from bespokelabs import curator  # noqa: E402
from datasets import Dataset  # noqa: E402

base_url, rows, in_flight, folder, prompt = sys.argv[1:]


class Writer(curator.LLM):
    """One question a row."""

    def prompt(self, row: dict) -> str:
        """What is asked."""
        return row["prompt"]

    def parse(self, row: dict, response: str) -> dict:
        """What is kept."""
        return {"row": row["row"], "question": response}


if __name__ == "__main__":
    writer = Writer(
        model_name="gpt-4o-mini",
        backend="openai",
        backend_params={
            "base_url": base_url,
            "api_key": "none",
            "max_concurrent_requests": int(in_flight),
            "max_requests_per_minute": 10_000_000,
            "max_tokens_per_minute": 10_000_000_000,
        },
    )
    dataset = Dataset.from_list([{"row": n, "prompt": prompt.replace("#", str(n))} for n in range(int(rows))])
    print("rows:", len(writer(dataset, working_dir=folder).dataset))

"""datatrove: python datatrove_runner.py BASE_URL ROWS IN_FLIGHT FOLDER PROMPT; given again, it goes on."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from datatrove.data import Document
from datatrove.executor.local import LocalPipelineExecutor
from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
from datatrove.pipeline.writers import JsonlWriter

base_url, rows, in_flight, folder, prompt = sys.argv[1:]


async def ask(document: Document, generate):
    """One call a document."""
    return await generate({"messages": [{"role": "user", "content": document.text}]})


if __name__ == "__main__":
    documents = [Document(text=prompt.replace("#", str(n)), id=str(n)) for n in range(int(rows))]
    config = InferenceConfig(
        server_type="endpoint",
        model_name_or_path="bench-model",
        endpoint_url=base_url.removesuffix("/v1"),
        max_concurrent_generations=int(in_flight),
        max_concurrent_documents=int(in_flight),
    )
    runner = InferenceRunner(
        rollout_fn=ask,
        config=config,
        records_per_chunk=500,
        checkpoints_local_dir=f"{folder}/checkpoints",
        output_writer=JsonlWriter(f"{folder}/out", output_filename="${rank}_chunk_${chunk_index}.jsonl"),
    )
    LocalPipelineExecutor(pipeline=[documents, runner], logging_dir=f"{folder}/logs", tasks=1).run()
    files = list(Path(folder, "out").rglob("*.jsonl*"))
    contents = [gzip.decompress(b) if b[:2] == b"\x1f\x8b" else b for b in (path.read_bytes() for path in files)]
    print("rows:", sum(content.count(b"\n") for content in contents))

"""NeMo Data Designer: python designer.py BASE_URL ROWS IN_FLIGHT FOLDER PROMPT; given again, it goes on."""

from __future__ import annotations

import sys

import data_designer.config as dd
import pandas as pd
from data_designer.config.run_config import ResumeMode
from data_designer.interface import DataDesigner

base_url, rows, in_flight, folder, prompt = sys.argv[1:]

if __name__ == "__main__":
    provider = dd.ModelProvider(name="bench", endpoint=base_url, provider_type="openai", api_key="none")
    model = dd.ModelConfig(
        alias="writer",
        model="bench-model",
        provider="bench",
        skip_health_check=True,
        inference_parameters=dd.ChatCompletionInferenceParams(max_parallel_requests=int(in_flight)),
    )
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    seeds = f"{folder}/seeds.parquet"
    pd.DataFrame({"number": list(range(int(rows)))}).to_parquet(seeds)
    builder.with_seed_dataset(dd.LocalFileSeedSource(path=seeds))
    before, after = prompt.split("#")
    text = before + "{{ number }}" + after
    builder.add_column(dd.LLMTextColumnConfig(name="question", prompt=text, model_alias="writer"))
    designer = DataDesigner(artifact_path=f"{folder}/artifacts", model_providers=[provider])
    done = designer.create(builder, num_records=int(rows), dataset_name="bench", resume=ResumeMode.IF_POSSIBLE)
    print("rows:", len(done.load_dataset()))

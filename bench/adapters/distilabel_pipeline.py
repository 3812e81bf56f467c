"""distilabel: python distilabel_pipeline.py BASE_URL ROWS IN_FLIGHT FOLDER PROMPT; given again, it goes on."""

from __future__ import annotations

import sys

from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromDicts
from distilabel.steps.tasks import TextGeneration

base_url, rows, _, folder, prompt = sys.argv[1:]

if __name__ == "__main__":
    data = [{"instruction": prompt.replace("#", str(n))} for n in range(int(rows))]
    with Pipeline(name="bench", cache_dir=folder) as pipeline:
        load = LoadDataFromDicts(data=data, batch_size=50)
        model = OpenAILLM(model="bench-model", base_url=base_url, api_key="none", max_retries=0)
        load >> TextGeneration(llm=model, input_batch_size=50)
    print("rows:", len(pipeline.run(use_cache=True)["default"]["train"]))

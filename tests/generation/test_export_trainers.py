"""What trainers make of an export: `datasets` reads every form from its folder, and TRL trains on it. Nothing is loaded
from anywhere: tokenizer and model are made here, the model with random weights."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from export_world import World, ids, world_at

datasets = pytest.importorskip("datasets", reason="needs the extra datasets")

CHAT = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}</s>{% endfor %}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = world_at(tmp_path_factory.mktemp("trainers") / "workspace")
    made.run("first", 40)
    for form in ("parquet", "messages", "alpaca", "sharegpt", "openai"):
        made.ok("dataset", "export", "first", "--name", form, "--format", form, "--split", "train=0.75,test=0.25")
    return made


def loaded(world: World, name: str, cache: Path) -> Any:
    return datasets.load_dataset(str(world.folder(name)), cache_dir=str(cache))


@pytest.mark.parametrize("form", ["parquet", "messages", "alpaca", "sharegpt", "openai"])
def test_datasets_reads_the_folder_with_its_splits(world: World, tmp_path: Path, form: str) -> None:
    found = loaded(world, form, tmp_path)
    assert {split: rows.num_rows for split, rows in found.items()} == world.manifest(form).splits
    for split in found:
        assert [dict(row) for row in found[split]] == world.rows(form, split)


def tiny_tokenizer() -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {"<pad>": 0, "</s>": 1, **{sign: number for number, sign in enumerate(alphabet, 2)}}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>")
    fast.chat_template = CHAT
    return fast


def test_trl_trains_on_conversations(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the trainer's own
        from transformers import LlamaConfig, LlamaForCausalLM
        from trl import SFTConfig, SFTTrainer

        tokenizer = tiny_tokenizer()
        config = LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
            pad_token_id=0, bos_token_id=1, eos_token_id=1,
        )  # fmt: skip
        found = loaded(world, "messages", tmp_path / "cache")
        trainer = SFTTrainer(
            model=LlamaForCausalLM(config),
            args=SFTConfig(
                output_dir=str(tmp_path / "out"), max_steps=2, per_device_train_batch_size=2, max_length=256,
                use_cpu=True, report_to=[], save_strategy="no", logging_steps=1, bf16=False,
                gradient_checkpointing=False, dataloader_pin_memory=False,
            ),
            train_dataset=found["train"],
            eval_dataset=found["test"],
            processing_class=tokenizer,
        )  # fmt: skip
        done = trainer.train()
        trained = tokenizer.decode(trainer.train_dataset[0]["input_ids"])
    assert done.global_step == 2
    assert done.training_loss > 0
    assert trained.startswith(f"<user>{found['train'][0]['messages'][0]['content']}"[:200])


def test_every_row_is_in_one_split(world: World) -> None:
    train, test = (ids(world.rows("parquet", split)) for split in ("train", "test"))
    assert not set(train) & set(test)

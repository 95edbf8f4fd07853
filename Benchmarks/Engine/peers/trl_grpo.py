"""TRL: steps of GRPOTrainer with a reward that both sides compute from the token ids: the share of even
ids. One `grpo` command is one optimizer step."""
import threading
import queue
import time

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import GRPOConfig, GRPOTrainer

from protocol import serve

torch.set_num_threads(2)
state = {}


class Turns(TrainerCallback):
    """Lets a step begin when the driver says so, and tells it when the step has ended."""

    def __init__(self):
        self.go, self.done = queue.Queue(), queue.Queue()

    def on_step_begin(self, *_, **__):
        self.go.get()
        self.start = time.perf_counter()

    def on_step_end(self, args, trainer_state, control, **_):
        self.done.put(time.perf_counter() - self.start)


def open_model(command):
    tokenizer = AutoTokenizer.from_pretrained(command["path"])
    model = AutoModelForCausalLM.from_pretrained(command["path"], dtype=torch.float32)
    state.update(tokenizer=tokenizer, model=model, path=command["path"])


def even_share(completion_ids, **_):
    return [sum(token % 2 == 0 for token in ids) / max(1, len(ids)) for ids in completion_ids]


def grpo(command):
    if "turns" not in state:
        turns = state["turns"] = Turns()
        prompts = [state["tokenizer"].decode(row) for row in command["sequences"]]
        samples = command["samples"]
        config = GRPOConfig(
            output_dir=command["scratch"], use_cpu=True, bf16=True, max_steps=1000,
            per_device_train_batch_size=samples * len(prompts) // command["accumulate"],
            gradient_accumulation_steps=command["accumulate"], num_generations=samples,
            max_completion_length=command["tokens"], temperature=1.0, beta=0.0,
            learning_rate=command["learning_rate"], lr_scheduler_type="constant",
            report_to=[], save_strategy="no", logging_strategy="no", shuffle_dataset=False,
            gradient_checkpointing=False, dataloader_num_workers=0)
        trainer = GRPOTrainer(
            model=state["model"], processing_class=state["tokenizer"], args=config,
            reward_funcs=even_share, callbacks=[turns],
            train_dataset=Dataset.from_dict({"prompt": prompts * 1000}))
        threading.Thread(target=trainer.train, daemon=True).start()
    turns = state["turns"]
    turns.go.put(True)
    return {"seconds": turns.done.get(),
            "tokens": command["tokens"] * command["samples"] * len(command["sequences"])}


if __name__ == "__main__":
    serve({"open": open_model, "grpo": grpo})

"""PyTorch: supervised fine-tuning with AdamW and clipping, eager or compiled (`--compile`), f32 or bf16
autocast; and greedy sampling by transformers' generate for the small models."""
import sys
import time

import torch
from transformers import AutoModelForCausalLM

from protocol import serve

torch.set_num_threads(2)
state = {}


def open_model(command):
    bf16 = command["precision"] == "bf16"
    model = AutoModelForCausalLM.from_pretrained(
        command["path"],
        dtype=torch.float32 if command.get("trainable") or not bf16 else torch.bfloat16)
    model.train(bool(command.get("trainable")))
    model.config.use_cache = not command.get("trainable")
    state.update(model=model, bf16=bf16, step=torch.compile(model) if "--compile" in sys.argv else model)
    if command.get("trainable"):
        state["optimizer"] = torch.optim.AdamW(
            model.parameters(), lr=1e-5, betas=(0.9, 0.999), eps=1e-8, weight_decay=0)


def sft(command):
    optimizer = state["optimizer"]
    optimizer.param_groups[0]["lr"] = command["learning_rate"]
    ids = torch.tensor(command["sequences"])
    start = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=state["bf16"]):
        logits = state["step"](input_ids=ids).logits
        loss = torch.nn.functional.cross_entropy(
            logits[:, :-1].reshape(-1, logits.shape[-1]).float(), ids[:, 1:].reshape(-1))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(state["model"].parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=False)
    return {"seconds": time.perf_counter() - start, "loss": loss.item(), "tokens": ids.numel()}


def sample(command):
    model = state["model"]
    ids = torch.tensor(command["sequences"])
    ids = ids.repeat_interleave(command.get("samples", 1), dim=0)
    greedy = command.get("temperature", 0) == 0
    start = time.perf_counter()
    with torch.no_grad():
        out = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=command["tokens"],
            do_sample=not greedy, top_k=0, pad_token_id=0)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, **drawn(out[:, ids.shape[1]:].tolist(), model)}


def drawn(rows, model):
    ends = model.generation_config.eos_token_id
    ends = set(ends if isinstance(ends, list) else [ends])
    sequences = []
    for row in rows:
        end = next((i + 1 for i, token in enumerate(row) if token in ends), len(row))
        sequences.append(row[:end])
    return {"sequences": sequences, "tokens": sum(map(len, sequences))}


if __name__ == "__main__":
    serve({"open": open_model, "sft": sft, "sample": sample})

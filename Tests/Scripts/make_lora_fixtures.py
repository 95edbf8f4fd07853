#!/usr/bin/env python3
"""Writes low-rank adapters on the models of make_parity_fixtures.py, with what PEFT computes from them,
for the tests of adapters in Tests/RefluxEngineTests.

    python3 -m venv venv
    venv/bin/pip install torch==2.15.0 transformers==5.23.0 peft==0.21.2 safetensors==0.8.0
    venv/bin/python Tests/Scripts/make_lora_fixtures.py

Each folder `lora_NAME` holds an adapter as `save_pretrained` writes it, whose model is
`../parity_MODEL`; `gradients.safetensors` (d loss / d parameter, by the names of the adapter's file);
`trained.safetensors` (the adapter after the steps); and `expected.json`:

    sequences      tokens and how many of them are the prompt
    log_probs      log p of each response token, flat over the sequences
    by_log_prob    the derivative of the loss by each log p
    loss           sum(by_log_prob * log_probs)
    steps          the loss before each of the steps of AdamW
    optimizer      learning rate, betas, epsilon and weight decay of the steps
"""
import json
import os
import shutil

import torch
from peft import LoraConfig, get_peft_model
from peft.utils import get_peft_model_state_dict
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

from fixture_files import FIXTURES, update_manifest

ALL = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
ADAPTERS = {
    "llama": ("llama_untied", LoraConfig(
        r=4, lora_alpha=8, target_modules=ALL, task_type="CAUSAL_LM")),
    # An odd rank, matrices that share a product with others that have no adapter.
    "qwen2": ("qwen2", LoraConfig(
        r=3, lora_alpha=7, use_rslora=True, target_modules=["q_proj", "v_proj", "up_proj", "down_proj"],
        task_type="CAUSAL_LM")),
    "rank1": ("llama_tied", LoraConfig(
        r=1, lora_alpha=1.5, target_modules=["k_proj", "o_proj", "gate_proj"], task_type="CAUSAL_LM")),
}
SEQUENCES = [(40, 1), (23, 9), (2, 1), (30, 12)]
OPTIMIZER = {"lr": 0.01, "betas": [0.9, 0.95], "eps": 1e-8, "weight_decay": 0.01}
STEPS = 4


def main():
    torch.set_num_threads(1)
    for name, (model, config) in ADAPTERS.items():
        write(os.path.join(FIXTURES, f"lora_{name}"), model, config)
    update_manifest()


def write(folder, base, config):
    torch.manual_seed(5)
    path = os.path.join(FIXTURES, f"parity_{base}")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32), config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.normal_(0, 0.2)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    os.remove(os.path.join(folder, "README.md"))
    rename(os.path.join(folder, "adapter_config.json"), f"../parity_{base}")

    generator = torch.Generator().manual_seed(13)
    rows = [torch.randint(1, 300, (length,), generator=generator) for length, _ in SEQUENCES]
    count = sum(length - prompt for length, prompt in SEQUENCES)
    by_log_prob = (torch.randn(count, generator=generator) - 0.5) / count

    def read():
        parts = []
        for row, (length, prompt) in zip(rows, SEQUENCES):
            logs = model(row[None]).logits[0, prompt - 1 : length - 1].log_softmax(-1)
            parts.append(logs.gather(-1, row[prompt:, None])[:, 0])
        return torch.cat(parts)

    def state(value):
        values = {n: value(p) for n, p in model.named_parameters() if p.requires_grad}
        return {k: v.detach().clone().contiguous()
                for k, v in get_peft_model_state_dict(model, state_dict=values).items()}

    log_probs = read()
    loss = (by_log_prob * log_probs).sum()
    loss.backward()
    save_file(state(lambda p: p.grad), os.path.join(folder, "gradients.safetensors"))
    model.zero_grad()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, **OPTIMIZER)
    losses = []
    for _ in range(STEPS):
        step = (by_log_prob * read()).sum()
        losses.append(step.item())
        step.backward()
        optimizer.step()
        optimizer.zero_grad()
    save_file(state(lambda p: p), os.path.join(folder, "trained.safetensors"))
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as out:
        json.dump({
            "sequences": [{"tokens": row.tolist(), "prompt": prompt}
                          for row, (_, prompt) in zip(rows, SEQUENCES)],
            "log_probs": log_probs.tolist(), "by_log_prob": by_log_prob.tolist(),
            "loss": loss.item(), "steps": losses, "optimizer": OPTIMIZER,
        }, out, separators=(",", ":"))
        out.write("\n")


def rename(path, base):
    """Names the model relative to the adapter, and puts the targets, a set, in order."""
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["base_model_name_or_path"] = base
    config["target_modules"] = sorted(config["target_modules"], key=ALL.index)
    with open(path, "w", encoding="utf-8") as out:
        json.dump(config, out, indent=1, sort_keys=True)
        out.write("\n")


if __name__ == "__main__":
    main()

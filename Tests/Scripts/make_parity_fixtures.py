#!/usr/bin/env python3
"""Writes tiny random models with what `transformers` computes from them, for the parity tests of
Tests/RefluxEngineTests.

    python3 -m venv venv
    venv/bin/pip install torch==2.15.0 transformers==5.23.0 tokenizers==0.23.3 safetensors==0.8.0
    venv/bin/python Tests/Scripts/make_parity_fixtures.py [FOLDER WITH REAL MODELS]

The folder is what Examples/fetch_models.py wrote; it gives `parity_real.json`, log-probabilities of
an answer in a chat. Without it that file stays as it is. Each folder `parity_NAME` holds a model folder as `save_pretrained` writes it, `gradients.safetensors`
(d loss / d parameter, 32-bit) and `expected.json`:

    sequences      tokens and how many of them are the prompt
    log_probs      log p of each response token, flat over the sequences
    entropies      the entropy of the distribution of each response token, in nats
    by_log_prob    the derivative of the loss by each log p; by_entropy likewise
    loss           sum(by_log_prob * log_probs + by_entropy * entropies)
    candidates     a prompt and log p of every token of the vocabulary after it
    greedy         prompts with up to 32 tokens of greedy decoding
"""
import json
import os
import shutil
import sys

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaConfig, LlamaForCausalLM
from transformers import MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast, Qwen2Config
from transformers import Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

from fixture_files import FIXTURES, update_manifest, write_json
from tokenizer_lines import SENTENCES

VOCABULARY = 300
COMMON = {"vocab_size": VOCABULARY, "num_hidden_layers": 2, "max_position_embeddings": 128,
          "bos_token_id": None, "eos_token_id": 0, "pad_token_id": 0,
          "attn_implementation": "eager"}
MODELS = {
    "llama_tied": (LlamaForCausalLM, LlamaConfig(
        hidden_size=32, intermediate_size=48, num_attention_heads=4, num_key_value_heads=2,
        tie_word_embeddings=True, rms_norm_eps=1e-5, rope_theta=10000.0, **COMMON), None),
    # Heads that are together wider than the model, one key-value head for all.
    "llama_untied": (LlamaForCausalLM, LlamaConfig(
        hidden_size=24, intermediate_size=40, num_attention_heads=3, num_key_value_heads=1,
        head_dim=16, tie_word_embeddings=False, rms_norm_eps=1e-6, rope_theta=50000.0, **COMMON),
        None),
    # In several files with an index.
    "qwen2": (Qwen2ForCausalLM, Qwen2Config(
        hidden_size=32, intermediate_size=56, num_attention_heads=4, num_key_value_heads=2,
        tie_word_embeddings=True, rms_norm_eps=1e-6, rope_theta=1000000.0, **COMMON), "60KB"),
    "qwen2_untied": (Qwen2ForCausalLM, Qwen2Config(
        hidden_size=24, intermediate_size=40, num_attention_heads=3, num_key_value_heads=3,
        tie_word_embeddings=False, rms_norm_eps=1e-6, rope_theta=10000.0, **COMMON), None),
    # Frequencies below, between and above the two wavelengths.
    "llama3": (LlamaForCausalLM, LlamaConfig(
        hidden_size=32, intermediate_size=48, num_attention_heads=2, num_key_value_heads=1,
        head_dim=16, tie_word_embeddings=True, rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "llama3", "rope_theta": 500.0, "factor": 8.0,
                         "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                         "original_max_position_embeddings": 64}, **COMMON), None),
    "llama_linear": (LlamaForCausalLM, LlamaConfig(
        hidden_size=32, intermediate_size=48, num_attention_heads=4, num_key_value_heads=4,
        tie_word_embeddings=True, rms_norm_eps=1e-5,
        rope_parameters={"rope_type": "linear", "rope_theta": 10000.0, "factor": 4.0}, **COMMON),
        None),
    # The window is that of the longest sequence.
    "mistral": (MistralForCausalLM, MistralConfig(
        hidden_size=24, intermediate_size=40, num_attention_heads=4, num_key_value_heads=2,
        head_dim=8, sliding_window=64, tie_word_embeddings=False, rms_norm_eps=1e-5,
        rope_theta=10000.0, **COMMON), None),
    "qwen3": (Qwen3ForCausalLM, Qwen3Config(
        hidden_size=32, intermediate_size=48, num_attention_heads=4, num_key_value_heads=2,
        head_dim=16, tie_word_embeddings=True, rms_norm_eps=1e-6, rope_theta=1000000.0, **COMMON),
        None),
}
SEQUENCES = [(40, 1), (23, 9), (2, 1), (64, 30)]


def main():
    torch.set_num_threads(1)
    for name, (kind, config, shards) in MODELS.items():
        write_model(os.path.join(FIXTURES, f"parity_{name}"), kind, config, shards)
    if len(sys.argv) > 1:
        write_real(os.path.expanduser(sys.argv[1]))
    update_manifest()


REAL = ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"]
QUESTION = "Tom has 37 apples and buys 3 bags of 12 more. How many apples has he now? Größe: 日本語"
ANSWER = "He buys 3 * 12 = 36 apples. 37 + 36 = 73.\n#### 73"


def write_real(folder):
    result = {}
    for name in REAL:
        path = os.path.join(folder, name)
        tokenizer = AutoTokenizer.from_pretrained(path)
        model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
        prompt = tokenizer.apply_chat_template(
            [{"role": "user", "content": QUESTION}], add_generation_prompt=True,
            return_dict=True)["input_ids"]
        answer = tokenizer.encode(ANSWER, add_special_tokens=False) + [tokenizer.eos_token_id]
        with torch.no_grad():
            logs = model(torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1]
        logs = logs.log_softmax(-1).gather(-1, torch.tensor(answer)[:, None])[:, 0]
        result[name] = {"prompt": prompt, "answer": answer, "log_probs": logs.tolist()}
    write_json("parity_real.json", {"question": QUESTION, "text": ANSWER, "models": result})


def write_model(folder, kind, config, shards):
    torch.manual_seed(7)
    model = kind(config).float().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            # Far from uniform predictions, and norms and biases that are not what they start as.
            parameter.normal_(0, 0.25)
            if parameter.dim() == 1:
                parameter.add_(1 if parameter.shape[0] == config.hidden_size or "_norm" in name else 0)
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, **({"max_shard_size": shards} if shards else {}))
    write_tokenizer(folder)
    expected, gradients = compute(model)
    save_file(gradients, os.path.join(folder, "gradients.safetensors"))
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as out:
        json.dump(expected, out, separators=(",", ":"))
        out.write("\n")


def write_tokenizer(folder):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, show_progress=False,
        special_tokens=[AddedToken("<|endoftext|>", special=True, normalized=False)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(SENTENCES[:5], trainer)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|endoftext|>", pad_token="<|endoftext|>",
    ).save_pretrained(folder)


def compute(model):
    generator = torch.Generator().manual_seed(11)

    def tokens(count):
        return torch.randint(1, VOCABULARY, (count,), generator=generator)

    sequences, log_probs, entropies = [], [], []
    for length, prompt in SEQUENCES:
        row = tokens(length)
        logs = model(row[None]).logits[0, prompt - 1 : length - 1].log_softmax(-1)
        sequences.append({"tokens": row.tolist(), "prompt": prompt})
        log_probs.append(logs.gather(-1, row[prompt:, None])[:, 0])
        entropies.append(-(logs.exp() * logs).sum(-1))
    log_probs, entropies = torch.cat(log_probs), torch.cat(entropies)
    count = log_probs.numel()
    by_log_prob = (torch.randn(count, generator=generator) - 0.5) / count
    by_entropy = 0.3 * torch.randn(count, generator=generator) / count
    loss = (by_log_prob * log_probs + by_entropy * entropies).sum()
    loss.backward()
    gradients = {name: p.grad.contiguous() for name, p in model.named_parameters()}

    with torch.no_grad():
        prompt = tokens(12)
        candidates = model(prompt[None]).logits[0, -1].log_softmax(-1)
        greedy = [decode(model, tokens(count)) for count in (1, 7, 20)]
    return {
        "sequences": sequences, "log_probs": log_probs.tolist(), "entropies": entropies.tolist(),
        "by_log_prob": by_log_prob.tolist(), "by_entropy": by_entropy.tolist(),
        "loss": loss.item(),
        "candidates": {"prompt": prompt.tolist(), "log_probs": candidates.tolist()},
        "greedy": greedy,
    }, gradients


def decode(model, prompt):
    row, margin = prompt.tolist(), float("inf")
    while len(row) < len(prompt) + 32 and (len(row) == len(prompt) or row[-1] != 0):
        best = model(torch.tensor([row])).logits[0, -1].topk(2)
        margin = min(margin, (best.values[0] - best.values[1]).item())
        row.append(best.indices[0].item())
    # A tie would make the text depend on rounding.
    assert margin > 1e-4, margin
    return {"prompt": prompt.tolist(), "tokens": row[len(prompt):]}


if __name__ == "__main__":
    main()

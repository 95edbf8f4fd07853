#!/usr/bin/env python3
"""Writes the GGUF fixtures of Tests/RefluxEngineTests.

    python3 -m venv venv
    venv/bin/pip install gguf==0.19.0 sentencepiece==0.2.3 safetensors==0.8.0 numpy
    venv/bin/python Tests/Scripts/make_gguf_fixtures.py [FOLDER WITH REAL MODELS]

The folder is what `Examples/fetch_models.py --gguf` wrote; it gives `gguf_real.json`, for which torch
and transformers 5.23.0 are needed too: what transformers generates from the files, and hashes of one
tensor of each type as gguf reads it. Without it that file stays as it is. `gguf_types.gguf` holds a tensor of random blocks of every type that is read, and
`gguf_types.safetensors` what the package gguf makes of them. `gguf_NAME.gguf` holds the model and the
tokenizer of the fixture `parity_NAME`, written as llama.cpp's converter does.
`gguf_characters.gguf` has a tokenizer that SentencePiece learnt; `gguf_characters.json` holds the ids
that SentencePiece gives.
"""
import hashlib
import io
import json
import os
import sys

import gguf
import numpy
import sentencepiece
from gguf import GGMLQuantizationType as Type
from safetensors.numpy import load_file, save_file

from fixture_files import FIXTURES, update_manifest, write_json
from tokenizer_lines import EDGES, SENTENCES

TYPES = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
# Where in a block its half-precision numbers stand.
HALVES = {"Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q4_K": [0, 2],
          "Q5_K": [0, 2], "Q6_K": [208], "F16": [0]}


def path(name):
    return os.path.join(FIXTURES, name)


def main():
    write_types()
    for name in ["llama_tied", "llama3", "qwen2", "qwen3"]:
        write_model(name)
    write_characters()
    if len(sys.argv) > 1:
        write_real(os.path.expanduser(sys.argv[1]))
    update_manifest()


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_types():
    random = numpy.random.default_rng(5)
    writer, expected = gguf.GGUFWriter(path("gguf_types.gguf"), "llama"), {}
    for name in TYPES:
        kind = Type[name]
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        blocks = random.integers(0, 256, (3, 512 // elements, size), dtype=numpy.uint8)
        for at in HALVES.get(name, []):
            # Any number but infinities and NaN: zeros and subnormal ones are among them.
            half = random.integers(0, 0x7C00, blocks.shape[:2], dtype=numpy.uint16)
            half |= random.integers(0, 2, half.shape, dtype=numpy.uint16) << 15
            blocks[..., at : at + 2] = half[..., None].view(numpy.uint8)
        if name in ("F32", "BF16"):
            blocks[..., -1] &= 0xBF
        rows = blocks.reshape(3, -1)
        values = gguf.dequantize(rows, kind).reshape(3, 512)
        assert numpy.isfinite(values).all()
        expected[name] = numpy.ascontiguousarray(values)
        if name == "F32":
            writer.add_tensor(name, values)
        else:
            writer.add_tensor(name, rows, raw_dtype=kind)
    finish(writer)
    save_file(expected, path("gguf_types.safetensors"))


PARTS = {
    "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
TOP = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight",
       "lm_head.weight": "output.weight"}


def tensor_name(name):
    if name in TOP:
        return TOP[name]
    words = name.split(".")
    return f"blk.{words[2]}.{PARTS['.'.join(words[3:-1])]}.{words[-1]}"


def pair_rows(values, heads):
    """Sets the two rows that turn together side by side, as the converter does for Llama."""
    halves = values.reshape(heads, 2, values.shape[0] // heads // 2, *values.shape[1:])
    return halves.swapaxes(1, 2).reshape(values.shape)


def write_model(name):
    folder = path(f"parity_{name}")
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    kind, heads = config["model_type"], config["num_attention_heads"]
    rope = config["rope_parameters"]
    writer = gguf.GGUFWriter(path(f"gguf_{name}.gguf"), kind)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(rope["rope_theta"])
    if head := config.get("head_dim"):
        writer.add_key_length(head)
        writer.add_value_length(head)
        writer.add_rope_dimension_count(head)
    write_tokenizer(writer, folder, config["vocab_size"])
    if rope["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", frequency_factors(rope, head))
    tensors = {}
    for file in sorted(os.listdir(folder)):
        if file.startswith("model") and file.endswith(".safetensors"):
            tensors.update(load_file(os.path.join(folder, file)))
    for key, values in tensors.items():
        if kind == "llama" and ".q_proj." in key:
            values = pair_rows(values, heads)
        if kind == "llama" and ".k_proj." in key:
            values = pair_rows(values, config["num_key_value_heads"])
        writer.add_tensor(tensor_name(key), numpy.ascontiguousarray(values))
    finish(writer)


def frequency_factors(rope, head):
    frequencies = rope["rope_theta"] ** -(numpy.arange(0, head, 2, dtype=numpy.float64) / head)
    lengths, context = 2 * numpy.pi / frequencies, rope["original_max_position_embeddings"]
    low, high = rope["low_freq_factor"], rope["high_freq_factor"]
    share = (context / lengths - low) / (high - low)
    mixed = 1 / ((1 - share) / rope["factor"] + share)
    factors = numpy.where(lengths > context / low, rope["factor"], mixed)
    return numpy.where(lengths < context / high, 1, factors).astype(numpy.float32)


def write_tokenizer(writer, folder, size):
    with open(os.path.join(folder, "tokenizer.json"), encoding="utf-8") as file:
        tokenizer = json.load(file)
    ids = {token: index for token, index in tokenizer["model"]["vocab"].items()}
    special = {token["content"] for token in tokenizer["added_tokens"]}
    tokens = sorted(ids, key=ids.get)
    kinds = [gguf.TokenType.CONTROL if token in special else gguf.TokenType.NORMAL
             for token in tokens]
    for index in range(len(tokens), size):
        tokens.append(f"[PAD{index}]")
        kinds.append(gguf.TokenType.UNUSED)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_eos_token_id(ids["<|endoftext|>"])
    writer.add_pad_token_id(ids["<|endoftext|>"])


def write_characters():
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=model, vocab_size=1000, model_type="bpe",
        byte_fallback=True, character_coverage=0.98, normalization_rule_name="identity",
        remove_extra_whitespaces=False, user_defined_symbols=["<user>"], minloglevel=2)
    pieces = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    tokens, scores, kinds = [], [], []
    for index in range(pieces.vocab_size()):
        tokens.append(pieces.id_to_piece(index))
        scores.append(pieces.get_score(index))
        kinds.append(
            gguf.TokenType.UNKNOWN if pieces.is_unknown(index)
            else gguf.TokenType.CONTROL if pieces.is_control(index)
            else gguf.TokenType.BYTE if pieces.is_byte(index)
            else gguf.TokenType.USER_DEFINED if tokens[-1] == "<user>" else gguf.TokenType.NORMAL)
    writer = gguf.GGUFWriter(path("gguf_characters.gguf"), "llama")
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(pieces.bos_id())
    writer.add_eos_token_id(pieces.eos_id())
    writer.add_unk_token_id(pieces.unk_id())
    finish(writer)
    # SentencePiece takes NUL for an end of text.
    lines = [line for line in SENTENCES + EDGES if line and "\0" not in line]
    write_json("gguf_characters.json", {
        "lines": lines, "ids": [pieces.encode(line) for line in lines],
        "texts": [pieces.decode(pieces.encode(line)) for line in lines]})


REAL = ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"]
QUESTION = "Tom has 37 apples and buys 3 bags of 12 more. How many apples has he now?"


def write_real(folder):
    write_json("gguf_real.json", {
        "question": QUESTION,
        "models": {name: {**generated(folder, name), "tensors": hashes(folder, name)}
                   for name in REAL}})


def hashes(folder, name):
    """SHA-256 of the floats of the smallest tensor of each type."""
    chosen = {}
    for tensor in gguf.GGUFReader(os.path.join(folder, name + ".gguf")).tensors:
        kind = tensor.tensor_type
        if kind not in chosen or tensor.n_elements < chosen[kind].n_elements:
            chosen[kind] = tensor
    return {
        tensor.name: hashlib.sha256(
            numpy.ascontiguousarray(gguf.dequantize(tensor.data, kind)).tobytes()).hexdigest()
        for kind, tensor in chosen.items()}


def generated(folder, name):
    """40 greedy tokens of an answer, and their log-probabilities, in 32-bit floats."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=name + ".gguf", dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(os.path.join(folder, name))
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": QUESTION}], add_generation_prompt=True,
        return_dict=True)["input_ids"]
    with torch.no_grad():
        tokens = model.generate(
            torch.tensor([prompt]), max_new_tokens=40, do_sample=False, repetition_penalty=1.0,
            top_k=None, top_p=None, temperature=None)[0, len(prompt):].tolist()
        logits = model(torch.tensor([prompt + tokens])).logits[0, len(prompt) - 1 : -1]
    best = logits.topk(2).values
    # A tie would make the text depend on rounding.
    assert (best[:, 0] - best[:, 1]).min() > 1e-3
    logs = logits.log_softmax(-1).gather(-1, torch.tensor(tokens)[:, None])[:, 0]
    return {"prompt": prompt, "tokens": tokens, "log_probs": logs.tolist()}


if __name__ == "__main__":
    main()

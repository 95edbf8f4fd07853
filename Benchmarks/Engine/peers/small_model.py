"""Writes a random Llama of the quickstart's size: small_model.py OUT WIDTH LAYERS."""
import sys

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

out, width, layers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(1)
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
tokenizer.train_from_iterator(
    [f"{a} apples and {b} pears are {a + b} fruits." for a in range(40) for b in range(40)],
    trainers.BpeTrainer(vocab_size=1024, special_tokens=["<|end|>"],
                        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>").save_pretrained(out)
model = LlamaForCausalLM(LlamaConfig(
    vocab_size=1024, hidden_size=width, intermediate_size=width * 3, num_hidden_layers=layers,
    num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512,
    tie_word_embeddings=True, bos_token_id=0, eos_token_id=0))
model.save_pretrained(out)

"""Writes a model folder as OpenVINO wants it: openvino_export.py MODEL OUT fp16|int8|int4."""
import sys

from optimum.intel import OVModelForCausalLM, OVWeightQuantizationConfig

model, out, weights = sys.argv[1:]
config = None
if weights == "int8":
    config = OVWeightQuantizationConfig(bits=8)
elif weights == "int4":
    config = OVWeightQuantizationConfig(bits=4, sym=False, group_size=64, ratio=1.0)
exported = OVModelForCausalLM.from_pretrained(
    model, export=True, compile=False, quantization_config=config, load_in_8bit=False)
exported.save_pretrained(out)

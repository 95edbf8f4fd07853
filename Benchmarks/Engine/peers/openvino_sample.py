"""OpenVINO GenAI: greedy sampling, one prompt or many, from a folder that openvino_export.py wrote."""
import time

import numpy
import openvino
import openvino_genai

from protocol import serve

state = {}


def open_model(command):
    scheduler = openvino_genai.SchedulerConfig()
    scheduler.cache_size = 2
    scheduler.max_num_batched_tokens = 4096
    state["pipeline"] = openvino_genai.ContinuousBatchingPipeline(
        command["path"], scheduler, "CPU", {"INFERENCE_NUM_THREADS": 2})


def sample(command):
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = command["tokens"]
    config.do_sample = False
    prompts = [openvino.Tensor(numpy.array([row], dtype=numpy.int64)) for row in command["sequences"]]
    start = time.perf_counter()
    results = state["pipeline"].generate(prompts, [config] * len(prompts))
    seconds = time.perf_counter() - start
    sequences = [list(map(int, result.m_generation_ids[0])) for result in results]
    return {"seconds": seconds, "sequences": sequences, "tokens": sum(map(len, sequences))}


if __name__ == "__main__":
    serve({"open": open_model, "sample": sample})

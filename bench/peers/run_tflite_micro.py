"""Runs one .tflite model in TensorFlow Lite Micro and finds the least arena that it loads in.

    python run_tflite_micro.py MODEL INPUTS.npz RESULT.json

The archive holds one sample's array for each input under the number of the input, as the model takes it. The result has
the least arena in bytes, or why the model does not run, and each output as a flat list of numbers.
"""

import json
import sys

import numpy as np
from tflite_micro.python.tflite_micro import runtime

LARGEST_ARENA = 64 * 2**20
# Arenas are found to this many bytes, which is the alignment of what lies in them.
STEP = 16


def load(model, arena):
    return runtime.Interpreter.from_bytes(model, arena_size=arena)


def loads(model, arena):
    try:
        load(model, arena)
        return True
    except Exception:
        return False


def least_arena(model):
    low, high = 0, LARGEST_ARENA
    while high - low > STEP:
        middle = (low + high) // 2
        if loads(model, middle):
            high = middle
        else:
            low = middle
    return high


def answer(interpreter, inputs):
    with np.load(inputs) as archive:
        for name in archive.files:
            interpreter.set_input(archive[name], int(name))
    interpreter.invoke()
    outputs = []
    while True:
        try:
            outputs.append(interpreter.get_output(len(outputs)).astype(np.float64).ravel().tolist())
        except IndexError:
            return outputs


def main(path, inputs, result):
    with open(path, "rb") as file:
        model = file.read()
    try:
        outputs = answer(load(model, LARGEST_ARENA), inputs)
        outcome = {"arena": least_arena(model), "outputs": outputs}
    except Exception as error:
        outcome = {"failure": f"{type(error).__name__}: {error}".splitlines()[0]}
    with open(result, "w", encoding="utf-8") as file:
        json.dump(outcome, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Quantizes one ONNX model to int8 with onnxruntime.quantization, in the form that suits x86 servers.

    python quantize_onnxruntime.py MODEL CALIBRATION.npz SAMPLES OUTPUT RESULT.json

The archive holds one array per input, the samples one after the other along the first axis. The result says how long
the work took without starting Python, the peak memory of the process, and what had to be done otherwise.
"""

import json
import os
import resource
import sys
import tempfile
import time

import numpy as np
import onnx
import onnxruntime
from onnx import version_converter
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

# Per-channel scales need the axis attribute that QuantizeLinear has from this opset on.
PER_CHANNEL_OPSET = 13


class ArchiveReader(CalibrationDataReader):
    """Feeds the samples of an archive one by one."""

    def __init__(self, path, samples):
        with np.load(path) as archive:
            self.arrays = {name: archive[name] for name in archive.files}
        self.samples = samples
        self.at = 0

    def get_next(self):
        if self.at == self.samples:
            return None
        feed = {}
        for name, array in self.arrays.items():
            rows = len(array) // self.samples
            feed[name] = array[self.at * rows : (self.at + 1) * rows]
        self.at += 1
        return feed


def opset_of(model):
    return max((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), default=1)


def raise_opset(source, folder, notes):
    """The model at an opset that per-channel quantization can use, and whether it could be brought there."""
    model = onnx.load(source)
    if opset_of(model) >= PER_CHANNEL_OPSET:
        return source, True
    try:
        path = os.path.join(folder, "opset.onnx")
        onnx.save(version_converter.convert_version(model, PER_CHANNEL_OPSET), path)
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        notes.append(f"opset {opset_of(model)} converted to {PER_CHANNEL_OPSET} first")
        return path, True
    except Exception as error:
        notes.append(f"per tensor: opset {opset_of(model)} could not be converted ({type(error).__name__})")
        return source, False


def pre_process(source, folder, notes):
    path = os.path.join(folder, "prepared.onnx")
    try:
        quant_pre_process(source, path)
        return path
    except Exception as error:
        notes.append(f"symbolic shape inference left out ({type(error).__name__})")
    try:
        quant_pre_process(source, path, skip_symbolic_shape=True)
        return path
    except Exception as error:
        notes.append(f"quant_pre_process left out ({type(error).__name__})")
    return source


def quantize(source, output, calibration, samples, per_channel):
    quantize_static(
        source,
        output,
        ArchiveReader(calibration, samples),
        quant_format=QuantFormat.QDQ,
        per_channel=per_channel,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
    )


def peak_memory():
    """Peak resident memory of this program in bytes; getrusage would count the parent's share from before exec."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(model, calibration, samples, output, result):
    start = time.perf_counter()
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        source, per_channel = raise_opset(model, folder, notes)
        prepared = pre_process(source, folder, notes)
        try:
            quantize(prepared, output, calibration, int(samples), per_channel)
        except Exception as error:
            if not per_channel:
                raise
            notes.append(f"per tensor: per channel fails ({type(error).__name__}: {error})")
            quantize(prepared, output, calibration, int(samples), False)
    usage = {"cpuSeconds": time.process_time(), "peakBytes": peak_memory()}
    with open(result, "w", encoding="utf-8") as file:
        json.dump({"seconds": time.perf_counter() - start, **usage, "notes": notes}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])

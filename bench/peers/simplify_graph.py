"""Simplifies ONNX models with one of the tools of the Python world, in one process, so that loading is paid once.

    python simplify_graph.py onnxslim|onnxsim|onnxscript

Reads one JSON object per line, {"model": PATH, "output": PATH}, and answers each with one on the same stream:
{"seconds": file to file, "work": without reading and writing} or {"failure": the last line of the error}. The first
answer, before any question, is {"versions": {package: version}}.
"""

import importlib.metadata
import json
import os
import sys
import time

import onnx


def load_tool(name):
    """A function from a model to a simplified model, at the tool's own defaults."""
    if name == "onnxslim":
        import onnxslim

        return onnxslim.slim
    if name == "onnxsim":
        import onnxsim

        return lambda model: onnxsim.simplify(model)[0]
    if name == "onnxscript":
        from onnxscript import optimizer

        return optimizer.optimize
    raise ValueError(f"there is no tool {name}")


def simplify(tool, job):
    start = time.perf_counter()
    model = onnx.load(job["model"])
    loaded = time.perf_counter()
    result = tool(model)
    done = time.perf_counter()
    onnx.save(result, job["output"])
    return {"seconds": time.perf_counter() - start, "work": done - loaded}


def main():
    name = sys.argv[1]
    # Answers go where nothing that a tool prints can get between them.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    tool = load_tool(name)

    def answer(message):
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    answer({"versions": {package: importlib.metadata.version(package) for package in (name, "onnx")}})
    for line in sys.stdin:
        try:
            answer(simplify(tool, json.loads(line)))
        except Exception as error:  # Whatever a tool throws is its result.
            text = str(error).strip().split("\n")[-1]
            answer({"failure": f"{type(error).__name__}: {text}"})


main()

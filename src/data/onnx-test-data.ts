import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import { isFloat } from '../ir/dtype.ts';
import { elements, type Tensor } from '../ir/tensor.ts';
import { decodeTensor } from '../onnx/tensor-file.ts';
import type { Port } from '../runtime/session.ts';
import type { ModelPorts } from './array-dataset.ts';
import { convertElements } from './convert-elements.ts';
import type { Dataset, Label } from './dataset.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { hashFiles, readWholeFile } from './file-source.ts';
import { dimsText } from './fit-shape.ts';
import { indexedDataset, makeSample } from './indexed-dataset.ts';

/**
 * The dataset of ONNX test data, one sample per folder `test_data_set_*`: `input_0.pb` and so on are tensors for the
 * inputs of those names, or in the model's order where names do not tell; `output_0.pb` and so on are what is
 * expected. The layout of the ONNX backend tests.
 *
 * @throws ModelpressError `data-input-missing` when a set lacks an input, `data-dtype` and `data-shape-mismatch` when one
 *   does not fit (also for models with inputs that are no tensors, which cannot be fed), `onnx-*` on damaged files.
 */
export async function onnxTestData(
  path: string,
  sets: readonly string[],
  model: ModelPorts,
  options: DatasetOptions,
): Promise<Dataset> {
  const nonTensor = model.inputs.find((port) => port.dtype === 'non-tensor');
  if (nonTensor !== undefined) {
    fail({
      code: 'data-dtype',
      at: path,
      message: `input ${nonTensor.name} of the model is no tensor, and cannot be fed`,
      hint: 'Only models whose inputs are tensors can be run here.',
    });
  }
  const files = sets.flatMap((set) => [...protoFiles(set, 'input'), ...protoFiles(set, 'output')]);
  return indexedDataset({
    label: path,
    origin: 'onnx-test-data',
    size: sets.length,
    sha256: await hashFiles(files.map((file) => ({ name: file.slice(path.length + 1), path: file }))),
    notes: unread(path, model.outputs),
    read(index) {
      const set = sets[index]!;
      const feed = new Map<string, Tensor>();
      const inputs = assigned(protoFiles(set, 'input'), model.inputs);
      for (const port of model.inputs) feed.set(port.name, checked(inputs.get(port.name), port, index, set, options));
      return makeSample(feed, options.labels === false ? undefined : expectedOutputs(set, model.outputs));
    },
  });
}

/** `input_0.pb`, `input_1.pb` and so on, in the order of their numbers. */
function protoFiles(set: string, role: 'input' | 'output'): readonly string[] {
  const pattern = new RegExp(`^${role}_(\\d+)\\.pb$`);
  const number = (name: string): number => Number(pattern.exec(name)![1]);
  const names = readdirSync(set).filter((name) => pattern.test(name));
  return names.sort((a, b) => number(a) - number(b)).map((name) => join(set, name));
}

/** Tensors by the port they are for: by name where every file has the name of a port of its own, else by number. */
function assigned(files: readonly string[], ports: readonly Port[]): ReadonlyMap<string, Tensor> {
  const tensors = files.map((file) => decodeTensor(readWholeFile(file), file));
  const names = new Set(tensors.map((tensor) => tensor.name));
  const named = names.size === tensors.length && ports.filter((port) => names.has(port.name)).length === tensors.length;
  const found = new Map<string, Tensor>();
  for (const [at, tensor] of tensors.entries()) {
    const number = Number(/\d+/.exec(basename(files[at]!))![0]);
    const name = named ? tensor.name : ports[number]?.name;
    if (name !== undefined) found.set(name, tensor);
  }
  return found;
}

function checked(
  tensor: Tensor | undefined,
  port: Port,
  sample: number,
  set: string,
  { allowNonFinite = false }: DatasetOptions,
): Tensor {
  if (tensor === undefined) {
    return fail({
      code: 'data-input-missing',
      at: set,
      message: `no file for input ${port.name}`,
      hint: "Give one input_N.pb for every input, N counting from 0 in the model's order.",
    });
  }
  const { dtype, dims } = tensor;
  if (dtype !== port.dtype) {
    return fail({
      code: 'data-dtype',
      at: set,
      message: `input ${port.name} takes ${port.dtype}, the file holds ${dtype}`,
      hint: 'Check that the test data belongs to this model.',
    });
  }
  // A runtime gives no dimensions both for a scalar and for a rank that it does not know, so it has the last word.
  const fits =
    port.dims.length === 0 ||
    (dims.length === port.dims.length && port.dims.every((dim, i) => typeof dim !== 'number' || dim === dims[i]));
  if (!fits) {
    return fail({
      code: 'data-shape-mismatch',
      at: set,
      message: `input ${port.name} expects ${dimsText(port.dims)}, the file holds ${dimsText(dims)}`,
      hint: 'Check that the test data belongs to this model.',
    });
  }
  if (!isFloat(dtype) || allowNonFinite) return tensor;
  return convertElements(elements(tensor), sample, {
    from: dtype,
    to: dtype,
    dims,
    allowNonFinite,
    input: port.name,
    at: set,
  });
}

function expectedOutputs(set: string, outputs: readonly Port[]): Label | undefined {
  if (outputs.every((port) => port.dtype === 'non-tensor')) return undefined;
  const tensors = assigned(tensorFiles(set, outputs), outputs);
  return tensors.size === 0 ? undefined : { kind: 'outputs', outputs: tensors };
}

/** The files of the outputs that are tensors; sequences and maps are other messages. */
function tensorFiles(set: string, outputs: readonly Port[]): readonly string[] {
  return protoFiles(set, 'output').filter((file) => {
    const port = outputs[Number(/\d+/.exec(basename(file))![0])];
    return port !== undefined && port.dtype !== 'non-tensor';
  });
}

function unread(at: string, outputs: readonly Port[]): readonly Diagnostic[] {
  const names = outputs.filter((port) => port.dtype === 'non-tensor').map((port) => port.name);
  if (names.length === 0) return [];
  const message = `outputs ${names.join(', ')} are no tensors; what is expected of them is not read`;
  return [note({ code: 'data-outputs-unread', at, message })];
}

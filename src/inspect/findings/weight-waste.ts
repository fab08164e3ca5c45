import { createHash } from 'node:crypto';
import { piecesOf } from '../../bytes/chunk-content.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Model } from '../../ir/model.ts';
import { type Tensor, tensorByteLength, tensorChunk } from '../../ir/tensor.ts';
import { isUnused } from '../../ir/value.ts';
import { graphsOf } from '../../ir/walk.ts';
import { formatBytes } from '../../report/format-figures.ts';
import type { NamedTensor } from '../weight-summary.ts';
import { findingOn, plural } from './finding.ts';

/** Tensors below this many bytes are not looked at for twins: scalars and shapes repeat by nature and cost nothing. */
const TWIN_BYTES = 1024;

/** Bytes from which a tensor in an attribute is worth a word: larger than any shape or table of axes. */
const LARGE_ATTRIBUTE_BYTES = 16 * 1024;

/** Weights that take more room than they have to. */
export function findWaste(model: Model, tensors: readonly NamedTensor[]): Diagnostic[] {
  return [...findTwins(tensors), ...findFloat64(tensors), ...findUnused(model), ...findLargeAttributes(model)];
}

function findTwins(tensors: readonly NamedTensor[]): Diagnostic[] {
  const twins: string[] = [];
  let bytes = 0;
  for (const [first, ...others] of groupEqual(tensors)) {
    if (first === undefined || others.length === 0) continue;
    twins.push(`'${first.name}' again as ${others.map(({ name }) => `'${name}'`).join(', ')}`);
    bytes += others.length * tensorByteLength(first.tensor);
  }
  return findingOn(twins, () => ({
    code: 'inspect-weights-duplicated',
    severity: 'note',
    message: `the same weights are stored more than once, ${formatBytes(bytes)} for nothing`,
    hint: 'Any run of `optimize` stores them once.',
  }));
}

/** Tensors of the same type, dimensions and content. Only what could have a twin is read, piece by piece. */
function groupEqual(tensors: readonly NamedTensor[]): readonly (readonly NamedTensor[])[] {
  const large = tensors.filter(
    ({ tensor }) => tensor.storage.kind !== 'strings' && tensorByteLength(tensor) >= TWIN_BYTES,
  );
  const alike = groupBy(large, ({ tensor }) => `${tensor.dtype}[${tensor.dims}]`);
  return alike.filter((group) => group.length > 1).flatMap((group) => groupBy(group, ({ tensor }) => digest(tensor)));
}

function groupBy(tensors: readonly NamedTensor[], keyOf: (one: NamedTensor) => string): readonly NamedTensor[][] {
  const groups = new Map<string, NamedTensor[]>();
  for (const one of tensors) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function digest(tensor: Tensor): string {
  const hash = createHash('sha256');
  for (const piece of piecesOf(tensorChunk(tensor)!)) hash.update(piece);
  return hash.digest('hex');
}

function findFloat64(tensors: readonly NamedTensor[]): Diagnostic[] {
  const wide = tensors.filter(({ tensor }) => tensor.dtype === 'float64' && tensorByteLength(tensor) >= TWIN_BYTES);
  const described = wide.map(({ name, tensor }) => `'${name}': ${formatBytes(tensorByteLength(tensor))}`);
  return findingOn(described, () => ({
    code: 'inspect-weights-float64',
    severity: 'warning',
    message: `float64 in ${plural(wide.length, 'weight tensor')}: twice the size of float32, slower, and without 8-bit kernels`,
    hint: 'Export the model in float32.',
  }));
}

function findUnused(model: Model): Diagnostic[] {
  // Training information names weights from outside the graph.
  if (model.trainingInfo.length > 0) return [];
  const unused: string[] = [];
  for (const graph of graphsOf(model))
    for (const value of graph.constants()) if (isUnused(value)) unused.push(`'${value.name}'`);
  return findingOn(unused, () => ({
    code: 'inspect-weights-unused',
    severity: 'note',
    message: `nothing reads ${plural(unused.length, 'weight tensor')}`,
    hint: 'Any run of `optimize` drops them.',
  }));
}

function findLargeAttributes(model: Model): Diagnostic[] {
  const large: string[] = [];
  for (const graph of graphsOf(model)) {
    for (const node of graph.nodes()) {
      for (const [name, attribute] of node.attributes) {
        if (attribute.kind !== 'tensor') continue;
        const bytes = tensorByteLength(attribute.value);
        if (bytes >= LARGE_ATTRIBUTE_BYTES)
          large.push(`${node.op} '${node.outputs[0]?.name ?? node.name}', attribute ${name}: ${formatBytes(bytes)}`);
      }
    }
  }
  return findingOn(large, () => ({
    code: 'inspect-attribute-large',
    severity: 'note',
    message: `${plural(large.length, 'large tensor')} in attributes, which runtimes hold in memory beside what they make of them`,
    hint: 'Any run of `optimize` makes initializers of them.',
  }));
}

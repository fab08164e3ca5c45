import { fingerprint } from '../src/bytes/chunk-content.ts';
import type { Graph } from '../src/ir/graph.ts';
import { equalTensors, type Tensor, tensorChunk } from '../src/ir/tensor.ts';
import type { Value } from '../src/ir/value.ts';
import { enclosing } from '../src/ir/walk.ts';
import { definePass } from '../src/pass/define-pass.ts';

/**
 * Keeps one of several constants with the same type, dimensions and bits, the first; in a nested graph also one of the
 * graphs around it. Constants that a graph gives out or that hold quantization parameters, and
 * weights that training updates, are left alone.
 */
export const dedupeConstants = definePass({
  name: 'dedupe-constants',
  summary: 'Keep one of several equal constants',
  effect: 'exact',
  options: {},
  run(graph, { count }) {
    for (const group of groupsOfSameForm(graph)) {
      const kept = new Map<number | undefined, Value[]>();
      for (const value of group) {
        const tensor = value.constant!;
        const hash = hashOf(tensor);
        const candidates = kept.get(hash) ?? [];
        const equal = candidates.find((candidate) => equalTensors(candidate.constant!, tensor));
        if (equal === undefined) {
          kept.set(hash, [...candidates, value]);
        } else if (value.graph === graph) {
          graph.replaceAllUses(value, equal);
          graph.eraseValue(value);
          count('constants merged');
        }
      }
    }
  },
});

/** Constants that may be merged, by type and dimensions, those of the outermost graph first; only groups with a choice. */
function groupsOfSameForm(graph: Graph): readonly (readonly Value[])[] {
  const groups = new Map<string, Value[]>();
  for (const around of [...enclosing(graph)].reverse()) {
    for (const value of around.constants()) {
      if (value.constant === undefined || value.outputCount > 0 || value.heldCount > 0) continue;
      const key = `${value.constant.dtype}[${value.constant.dims.join(',')}]`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [value]);
      else group.push(value);
    }
  }
  return [...groups.values()].filter((group) => group.length > 1);
}

/** Tensors do not change, and are asked about after every change of a graph. */
const hashes = new WeakMap<Tensor, number | undefined>();

/** Equal tensors have equal hashes. */
function hashOf(tensor: Tensor): number | undefined {
  if (!hashes.has(tensor)) hashes.set(tensor, newHashOf(tensor));
  return hashes.get(tensor);
}

function newHashOf(tensor: Tensor): number | undefined {
  const { storage } = tensor;
  if (storage.kind !== 'strings') return fingerprint(tensorChunk(tensor)!);
  return storage.values.reduce<number | undefined>((hash, bytes) => fingerprint(bytes, hash), undefined);
}

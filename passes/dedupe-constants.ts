import type { Graph } from '../src/ir/graph.ts';
import { equalTensors, type Tensor, tensorBytes } from '../src/ir/tensor.ts';
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
      const kept = new Map<number, Value[]>();
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

/** Bytes of a tensor that are hashed, spread over it: enough to tell trained weights apart, whatever their size. */
const HASHED_BYTES = 256;

/**
 * FNV-1a (Fowler, Noll and Vo) of a part of the elements. Equal tensors have equal hashes; those with equal hashes are
 * compared.
 */
function hashOf(tensor: Tensor): number {
  const { storage } = tensor;
  if (storage.kind !== 'strings') return hashBytes(tensorBytes(tensor), FNV_OFFSET);
  return storage.values.reduce((hash, bytes) => hashBytes(bytes, hash), FNV_OFFSET);
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hashBytes(bytes: Uint8Array, start: number): number {
  // An odd step, so that all bytes of the elements take part and not, say, only the exponents.
  const step = Math.floor(bytes.length / HASHED_BYTES) | 1;
  let hash = start;
  for (let i = 0; i < bytes.length; i += step) hash = Math.imul(hash ^ bytes[i]!, FNV_PRIME);
  return hash >>> 0;
}

import { PASSES } from '../../passes/index.ts';
import type { Feed } from '../data/dataset.ts';
import { type Diagnostic, note } from '../diagnostics/diagnostic.ts';
import { cloneModel } from '../ir/clone.ts';
import type { Model } from '../ir/model.ts';
import { shapeOf } from '../ir/value-type.ts';
import { activationMemory } from '../ops/cost/activation-memory.ts';
import { costOf } from '../ops/cost/cost-of.ts';
import type { DimBindings } from '../ops/cost/sizes.ts';
import { step } from '../pass/pipeline.ts';
import { runPipeline } from '../pass/run-pipeline.ts';

/** What a byte of results costs that is only mapped or moved, in multiply-accumulates: about a nanosecond for a float. */
const MACS_PER_BYTE = 2;

/** What wasm does in a second, in multiply-accumulates, by which budgets of work are set: float32 on one thread. */
export const WASM_MACS_PER_SECOND = 10e9;

/**
 * What a run of a model takes, in multiply-accumulates. Budgets are of work and not of time, so that the same model and
 * data are treated alike on a fast, a slow and a busy machine.
 *
 * @returns by the feed, from which open dimensions have their sizes.
 */
export function workOfRun(model: Model): (feed: Feed) => number {
  let typed: Model | undefined;
  return (feed) => {
    typed ??= withTypes(model);
    const bindings = sizesIn(typed, feed);
    return costOf(typed, bindings).macs + MACS_PER_BYTE * activationMemory(typed.graph, bindings).total;
  };
}

function withTypes(source: Model): Model {
  const { model } = cloneModel(source);
  runPipeline(model, [step('infer-shapes')], { passes: PASSES, onFailure: 'undo' });
  return model;
}

/** How many runs a budget of work allows, within limits that hold whatever they cost. */
export function affordableRuns(budget: number, work: number, least: number, most = Number.POSITIVE_INFINITY): number {
  return Math.max(least, Math.min(most, Math.floor(budget / Math.max(1, work))));
}

/** What to say where a model takes so long in wasm that it is not validated on all samples. */
export function validatedOnFewer(target: 'browser' | 'device', samples: number): Diagnostic {
  return note({
    code: `${target}-validated-on-fewer`,
    at: target,
    message: `${target}/ was validated on the first ${samples} samples only: a run of the model takes long in wasm`,
    hint: 'Shuffle data that is in order of class, so that the first samples are typical of it.',
  });
}

/** The sizes that a feed gives the symbols of a model's inputs. */
function sizesIn({ graph }: Model, feed: Feed): DimBindings {
  const sizes = new Map<string, number>();
  for (const input of graph.inputs) {
    const dims = feed.get(input.name)?.dims;
    for (const [axis, dim] of (shapeOf(input.type ?? input.declared) ?? []).entries()) {
      const size = dims?.[axis];
      if (typeof dim === 'string' && size !== undefined) sizes.set(dim, size);
    }
  }
  return sizes;
}

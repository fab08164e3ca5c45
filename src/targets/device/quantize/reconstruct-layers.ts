import { weightScales } from '../../../quantize/quantize-weight.ts';
import { rowRounder } from '../../../quantize/round-to-covariance.ts';
import type { LiteRtOptions } from '../../../runtime/litert.ts';
import type { TfGraph, TfOperator, TfTensor } from '../tflite/tf-graph.ts';
import { quantizedRule } from './int8-rules.ts';
import { type SampleFeed, watchTensors } from './observe-graph.ts';
import { type PatchLayout, type PatchMoments, patchLayout, patchMoments } from './patch-moments.ts';
import { floatsOf } from './quantized-constant.ts';

/** The weights of a layer, rounded by what its inputs are. */
export interface ReconstructedLayer {
  /** In the order of the float weights. */
  readonly values: Int8Array;
  /** One per output channel, or one for all. */
  readonly scales: Float32Array;
  /** What to add to the bias for each output channel, so that the mean of the results stays what it was. */
  readonly correction: Float64Array;
}

/** Layers that were reconstructed. */
export type ReconstructedLayers = ReadonlyMap<TfOperator, ReconstructedLayer>;

/**
 * Multiplications that one layer may take to reconstruct, about two seconds: the cube of the inputs of one output, which
 * large kernels over many channels have too many of. Those are rounded to the nearest.
 */
const MAX_PRODUCTS = 3e9;

/** Patches that are observed for each input of one, and at most and at least over all samples. */
const PATCHES_PER_INPUT = 2;
const MOST_PATCHES = 4096;
const FEWEST_PATCHES = 1024;

interface Candidate {
  readonly operator: TfOperator;
  readonly layout: PatchLayout;
}

/** Rounds the weights of every layer by what its inputs were on calibration data; layers that share weights are left out. */
export async function reconstructLayers(
  graph: TfGraph,
  samples: readonly SampleFeed[],
  options: LiteRtOptions = {},
): Promise<ReconstructedLayers> {
  const candidates = candidatesOf(graph);
  const byInput = new Map<TfTensor, Candidate[]>();
  for (const candidate of candidates) {
    const source = candidate.operator.inputs[0]!;
    byInput.set(source, [...(byInput.get(source) ?? []), candidate]);
  }
  const found = new Map<TfOperator, ReconstructedLayer>();
  const moments = new Map<TfOperator, PatchMoments>();
  const limit = (size: number) =>
    Math.ceil(Math.min(MOST_PATCHES, Math.max(FEWEST_PATCHES, PATCHES_PER_INPUT * size)) / samples.length);
  await watchTensors(graph, [...byInput.keys()], {
    samples,
    options,
    observe(tensor, values) {
      for (const { operator, layout } of byInput.get(tensor)!) {
        const known = moments.get(operator) ?? patchMoments(layout);
        moments.set(operator, known);
        known.observe(values, limit(layout.size));
      }
    },
    finished(tensors) {
      for (const tensor of tensors) {
        for (const candidate of byInput.get(tensor)!) {
          const layer = reconstruct(candidate, moments.get(candidate.operator)!);
          moments.delete(candidate.operator);
          if (layer !== undefined) found.set(candidate.operator, layer);
        }
      }
    },
  });
  return found;
}

function candidatesOf(graph: TfGraph): Candidate[] {
  const readers = new Map<TfTensor, number>();
  for (const { inputs } of graph.operators)
    for (const tensor of inputs) if (tensor?.data !== undefined) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  return graph.operators.flatMap((operator) => {
    const [x, weights, bias] = operator.inputs;
    const layout = patchLayout(operator);
    const floats = x?.type === 'float32' && weights?.type === 'float32' && weights.data !== undefined;
    if (layout === undefined || !floats || bias?.data === undefined || readers.get(weights) !== 1) return [];
    return costOf(layout) > MAX_PRODUCTS ? [] : [{ operator, layout }];
  });
}

function costOf({ groups, size, outputs }: PatchLayout): number {
  const patches = Math.max(FEWEST_PATCHES, PATCHES_PER_INPUT * size);
  return groups * ((patches * size ** 2) / 2 + size ** 3 / 6) + (outputs * size ** 2) / 2;
}

function reconstruct({ operator, layout }: Candidate, moments: PatchMoments): ReconstructedLayer | undefined {
  const rule = quantizedRule(operator.name, 'int8');
  if (rule?.kind !== 'linear') return undefined;
  const weights = operator.inputs[rule.weights]!;
  const floats = floatsOf(weights);
  const scales = Float32Array.from(weightScales(floats, weights.shape, rule.axis), (scale) => scale || 1);
  const values = new Int8Array(floats.length);
  const correction = new Float64Array(layout.outputs);
  const row = new Float64Array(layout.size);
  const single = scales.length === 1;
  for (let group = 0; group < layout.groups; group++) {
    const means = moments.means(group);
    if (!means.every(Number.isFinite)) return undefined;
    const rounder = rowRounder(moments.centered(group));
    for (const output of outputsOf(layout, group)) {
      for (let i = 0; i < layout.size; i++) row[i] = floats[layout.weightAt(output, i)]!;
      const scale = scales[single ? 0 : output]!;
      const rounded = rounder.round(row, scale, single ? scale : 0);
      if (!single) scales[output] = rounded.scale;
      let lost = 0;
      for (let i = 0; i < layout.size; i++) {
        values[layout.weightAt(output, i)] = rounded.values[i]!;
        lost += (row[i]! - rounded.values[i]! * rounded.scale) * means[i]!;
      }
      correction[output] = lost;
    }
  }
  return { values, scales, correction };
}

function outputsOf({ outputs, groups }: PatchLayout, group: number): readonly number[] {
  const count = outputs / groups;
  return Array.from({ length: count }, (_, k) => group * count + k);
}

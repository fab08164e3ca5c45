import { describe, expect, test } from 'vitest';
import { inferShapes } from '../../passes/infer-shapes.ts';
import { liftConstants } from '../../passes/lift-constants.ts';
import { kindOf } from '../../src/ir/dtype.ts';
import { differenceOfModels } from '../../src/ir/equal-models.ts';
import type { Model } from '../../src/ir/model.ts';
import { elementCount, type Tensor, tensorFromNumbers } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/ir/text/parse.ts';
import { printModel } from '../../src/ir/text/print.ts';
import type { ValueType } from '../../src/ir/value-type.ts';
import { verify } from '../../src/ir/verify.ts';
import { writeModel } from '../../src/onnx/write-model.ts';
import type { AnyPass } from '../../src/pass/define-pass.ts';
import type { RawOptionValues } from '../../src/pass/pass-option.ts';
import { step } from '../../src/pass/pipeline.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { seededRandom } from '../../src/random/seeded-random.ts';
import { differences, runOnce } from './compare-runs.ts';

/** A graph before a pass and what is expected after it. */
export interface GoldenCase {
  readonly title: string;
  /** The graph in the text form, without a header. */
  readonly input: string;
  /** The graph afterwards; absent: the pass must not change it. */
  readonly expected?: string;
  /** Default 17. */
  readonly opset?: number;
  readonly options?: RawOptionValues;
  /** Everything that the pass counts, which for a pass of rules says why it did not fire. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Sizes of symbolic dimensions at run time. Default 2. */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Elements of inputs; by default drawn from a seed. */
  readonly feeds?: Readonly<Record<string, readonly number[]>>;
  /** Why ONNX Runtime cannot run the case, which is then only compared as text. */
  readonly notRun?: string;
}

/**
 * Tests a pass on golden cases: the graph afterwards, the counts, that the graph verifies, that a second run changes
 * nothing, and that the numbers agree at the pass's effect in ONNX Runtime without its own optimization.
 */
export function goldenCases(pass: AnyPass, cases: readonly GoldenCase[]): void {
  describe(pass.name, () => {
    for (const golden of cases) {
      const note = golden.notRun === undefined ? '' : ` (not run: ${golden.notRun})`;
      test(`${golden.title}${note}`, () => check(pass, golden));
    }
  });
}

async function check(pass: AnyPass, golden: GoldenCase): Promise<void> {
  const { input, expected = input, opset = 17, options = {}, counts } = golden;
  const model = prepared(input, opset);
  const source = writeModel(model);

  const [record] = run(model, pass, options);
  expect(verify(model)).toEqual([]);
  expectSameGraph(model, prepared(expected, opset));
  if (counts !== undefined) expect(record?.counts).toEqual(counts);
  expect(record?.changed).toBe(golden.expected !== undefined);

  const { version } = model.graph;
  expect(run(model, pass, options)[0]?.changed).toBe(false);
  expect(model.graph.version).toBe(version);

  if (golden.notRun !== undefined || golden.expected === undefined) return;
  const feed = feedOf(model, golden);
  expect(differences(await runOnce(source, feed), await runOnce(writeModel(model), feed), pass.effect)).toEqual([]);
}

/** A model with constants in one form and proven types, as pipelines give it to passes. */
function prepared(text: string, opset: number): Model {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : ${opset}, "local" : 1]>\n${text}`);
  const passes = [liftConstants, inferShapes];
  runPipeline(model, [step('lift-constants'), step('infer-shapes')], { passes });
  return model;
}

function run(model: Model, pass: AnyPass, options: RawOptionValues) {
  return runPipeline(model, [step(pass.name, options)], { passes: [pass] }).records;
}

/** Compares without names and types; what differs is shown as text. */
function expectSameGraph(actual: Model, expected: Model): void {
  const difference = differenceOfModels(actual, expected, { names: false, claims: false, extras: false });
  if (difference === undefined) return;
  expect(`${difference}\n${printModel(actual)}`).toBe(printModel(expected));
}

/** Seeded inputs. Floats hold a negative zero, which tells apart what is exact from what nearly is. */
function feedOf(model: Model, { sizes = {}, feeds = {} }: GoldenCase): ReadonlyMap<string, Tensor> {
  const random = seededRandom(7);
  const feed = new Map<string, Tensor>();
  for (const input of model.graph.inputs) {
    if (input.initial !== undefined) continue;
    const { dtype, dims } = concrete(input.type, sizes);
    const count = elementCount(dims);
    const given = feeds[input.name];
    const draw = (index: number): number => {
      if (given !== undefined) return given[index % given.length]!;
      if (kindOf(dtype) === 'float') return index === 0 ? -0 : random.normal();
      return random.integer(kindOf(dtype) === 'bool' ? 2 : 5);
    };
    feed.set(
      input.name,
      tensorFromNumbers(
        dtype,
        dims,
        Array.from({ length: count }, (_, index) => draw(index)),
      ),
    );
  }
  return feed;
}

function concrete(type: ValueType | undefined, sizes: Readonly<Record<string, number>>) {
  if (type?.kind !== 'tensor') throw new TypeError('golden cases have tensor inputs');
  const dims = (type.shape ?? []).map((dim) => (typeof dim === 'number' ? dim : (sizes[dim ?? ''] ?? 2)));
  return { dtype: type.dtype, dims };
}

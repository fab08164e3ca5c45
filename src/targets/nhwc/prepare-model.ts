import { PASSES } from '../../../passes/index.ts';
import { type Diagnostic, warning } from '../../diagnostics/diagnostic.ts';
import { cloneModel } from '../../ir/clone.ts';
import { kindOf } from '../../ir/dtype.ts';
import type { Graph } from '../../ir/graph.ts';
import { type Model, opsetOf } from '../../ir/model.ts';
import { type Dim, isStatic } from '../../ir/shape.ts';
import { type Tensor, tensorFromBytes } from '../../ir/tensor.ts';
import type { Value } from '../../ir/value.ts';
import { dtypeOf, shapeOf, tensorType } from '../../ir/value-type.ts';
import { graphsWithin } from '../../ir/walk.ts';
import { fixpoint, type PipelineStep, step } from '../../pass/pipeline.ts';
import { runPipeline } from '../../pass/run-pipeline.ts';
import { dropImpossibleBranches } from './decompose/drop-impossible-branches.ts';
import { foldDequantizedConstants } from './decompose/fold-dequantized-constants.ts';
import { openAttention } from './decompose/open-attention.ts';
import { openEinsum } from './decompose/open-einsum.ts';
import { openGridSample } from './decompose/open-grid-sample.ts';
import { openIntegerProducts } from './decompose/open-integer-products.ts';
import { openLosses } from './decompose/open-losses.ts';
import { openPlainForms } from './decompose/open-plain-forms.ts';
import { openQuantizedOperators } from './decompose/open-quantized-operators.ts';
import { openSignals } from './decompose/open-signals.ts';
import { raiseDequantization } from './decompose/raise-dequantization.ts';
import { MAX_UNROLLED_NODES, unrollScans } from './decompose/unroll-scans.ts';
import type { IntegerSources, StoredIntegers } from './stored-integers.ts';

/** How the open dimensions of a model's inputs are fixed. */
export interface ShapeBinding {
  /** Whole shapes of inputs by name; these come first. */
  readonly shapes?: ReadonlyMap<string, readonly number[]>;
  /** Sizes of dimensions by their symbol. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Inputs that become constants, by name: a sampling rate, axes. They are no inputs of the result. */
  readonly constants?: ReadonlyMap<string, Tensor>;
  /** Size of an open first dimension. Default 1. */
  readonly batch?: number;
}

/** The opset that legalizations are written for; newer models keep theirs, whose changes they know too. */
const LOWERING_OPSET = 13;

/**
 * Bytes that one fold may add: shapes are all known, so position tables and masks fold, which the target would otherwise
 * have to compute; larger ones than 64 MiB stay computed.
 */
const FOLD_BYTES = 64 * 1024 * 1024;

const MAX_ROUNDS = 8;

/** Names that one diagnostic lists. */
const MAX_NAMES = 5;

const STEPS: readonly PipelineStep[] = [
  step('infer-shapes'),
  step('lift-constants'),
  step('eliminate-identity'),
  step('eliminate-dropout'),
  fixpoint(
    MAX_ROUNDS,
    step('fold-constants', { maxGrowth: FOLD_BYTES }),
    // What one branch computes may decide the next.
    step('fold-if'),
    step('lift-constants'),
    step('eliminate-no-ops'),
    step('eliminate-zero-add'),
    // The runtimes have no such operator, or one that is slow.
    step('lower-einsum'),
    step('fuse-reshapes'),
    step('fuse-transposes'),
    step('fuse-casts'),
    step('fold-batch-normalization'),
    step('fuse-conv-add-mul'),
    step('fold-scale-into-weights'),
    step('fuse-pad-conv'),
    step('fuse-matmul-add-gemm'),
    step('dedupe-nodes'),
    step('eliminate-dead-code'),
    step('infer-shapes'),
  ),
];

/** After the opset is the one that legalizations know. */
const SETTLE: readonly PipelineStep[] = [
  step('infer-shapes'),
  fixpoint(
    MAX_ROUNDS,
    step('fold-constants', { maxGrowth: FOLD_BYTES }),
    step('eliminate-no-ops'),
    step('fuse-reshapes'),
    step('fuse-transposes'),
    step('eliminate-dead-code'),
    step('infer-shapes'),
  ),
];
/** A model whose shapes are fixed and whose graph is clean. */
export interface PreparedModel {
  readonly model: Model;
  /** Float constants that the model stores quantized. */
  readonly integers: IntegerSources;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * A copy of a model for a runtime with fixed shapes: open dimensions of its inputs are bound, defaults of inputs become
 * constants, and everything that follows from the shapes is folded.
 */
export function prepareModel(source: Model, binding: ShapeBinding = {}): PreparedModel {
  const { model } = cloneModel(source);
  const diagnostics: Diagnostic[] = [];
  for (const input of [...model.graph.inputs]) {
    const fixed = binding.constants?.get(input.name);
    if (fixed !== undefined) fixInput(model.graph, input, fixed);
    else if (input.initial !== undefined) model.graph.freezeInput(input);
    else bindShape(model.graph, input, binding);
  }
  diagnostics.push(...fixEmptyInputs(model.graph));
  const run = (steps: readonly PipelineStep[]): void => {
    const { diagnostics: found } = runPipeline(model, steps, { passes: PASSES, onFailure: 'undo' });
    // The opset is a matter of the way there: what comes out has none.
    diagnostics.push(...found.filter(({ code }) => code !== 'convert-opset-raised'));
  };
  run([step('infer-shapes'), step('lift-constants'), step('eliminate-identity')]);
  const each = (change: (graph: Graph) => void): void => [...graphsWithin(model.graph)].forEach(change);
  each(openPlainForms);
  each(openIntegerProducts);
  openQuantizedOperators(model);
  const integers = new Map<Tensor, StoredIntegers>();
  each((graph) => foldDequantizedConstants(graph, integers));
  run(STEPS);
  const dropped = dropImpossibleBranches(model.graph);
  diagnostics.push(...dropped);
  if (dropped.length > 0) run(STEPS);
  // Some weights are only seen to be constant now.
  each((graph) => foldDequantizedConstants(graph, integers));
  run([step('convert-opset', { to: LOWERING_OPSET }), step('infer-shapes')]);
  unrollScans(model.graph);
  run([step('unroll-loops', { maxTrips: MAX_UNROLLED_NODES, maxNodes: MAX_UNROLLED_NODES })]);
  raiseDequantization(model.graph);
  each(openAttention);
  each(openLosses);
  each(openEinsum);
  each((graph) => openSignals(graph, opsetOf(model)));
  each(openGridSample);
  run([step('lift-constants'), ...SETTLE]);
  return { model, integers, diagnostics };
}

function fixInput(graph: Graph, input: Value, tensor: Tensor): void {
  graph.replaceAllUses(input, graph.addConstant(tensor, input.name), { outputs: true });
  graph.eraseValue(input);
}

/** Makes inputs without elements constants: there is one tensor alone that they can be given. */
function fixEmptyInputs(graph: Graph): readonly Diagnostic[] {
  const empty = graph.inputs.filter(({ type }) => type?.kind === 'tensor' && type.shape?.includes(0) === true);
  const names: string[] = [];
  for (const input of empty) {
    const dtype = dtypeOf(input.type)!;
    const shape = shapeOf(input.type);
    if (!isStatic(shape) || kindOf(dtype) === 'string') continue;
    fixInput(graph, input, tensorFromBytes(dtype, shape, new Uint8Array(0)));
    names.push(input.name);
  }
  if (names.length === 0) return [];
  return [
    warning({
      code: 'empty-inputs-left-out',
      at: names[0]!,
      message: `${names.length} inputs have no elements with these sizes and are left out: ${names.slice(0, MAX_NAMES).join(', ')}`,
      hint: 'For a cache that holds something, give the size that it then has, with --bind or --fix-shape or by sample data.',
    }),
  ];
}

function bindShape(graph: Graph, input: Value, binding: ShapeBinding): void {
  const { type } = input;
  if (type?.kind !== 'tensor') return;
  const given = binding.shapes?.get(input.name);
  const shape = given ?? type.shape?.map((dim, axis) => bound(dim, axis, binding));
  if (shape !== undefined) graph.setType(input, tensorType(type.dtype, shape));
}

function bound(dim: Dim, axis: number, { dims, batch = 1 }: ShapeBinding): Dim {
  if (typeof dim === 'number') return dim;
  const given = dim === undefined ? undefined : dims?.[dim];
  return given ?? (axis === 0 ? batch : dim);
}

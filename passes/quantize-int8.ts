import { type Diagnostic, note, warning } from '../src/diagnostics/diagnostic.ts';
import { float } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import { describeNode, isOp, type Node } from '../src/ir/node.ts';
import { tensorFromElements } from '../src/ir/tensor.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { definePass, type ValueRange } from '../src/pass/define-pass.ts';
import { affineParams, type QuantParams } from '../src/quantize/affine-params.ts';
import { FLOAT_REASONS, type FloatReason } from '../src/quantize/float-reason.ts';
import { QuantizationInserter } from '../src/quantize/insert-quantization.ts';
import { isQuantized } from '../src/quantize/is-quantized.ts';
import { type Int8Plan, type PlanOptions, planInt8 } from '../src/quantize/plan-int8.ts';
import { QUANT_SCHEMES, type QuantScheme } from '../src/quantize/quant-scheme.ts';
import { quantizeConstant } from '../src/quantize/quantize-constant.ts';
import { type LayerToQuantize, quantizeLayers, type SharedWeight } from '../src/quantize/quantize-layers.ts';
import { foldingParams } from '../src/quantize/redundant-activation.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** The first opset with QuantizeLinear, and the first where it takes one scale per channel. */
const OPSET_QDQ = 10;
const OPSET_PER_CHANNEL = 13;

/** The operand of Conv and Gemm that holds the bias. */
const BIAS_OPERAND = 2;

/** Operators whose floating-point cost matters: where they stay float the report says why. */
const LINEAR = ['Conv', 'ConvTranspose', 'Gemm', 'MatMul', 'LSTM', 'GRU', 'RNN'];

/**
 * Static quantization to 8 bits in the QDQ form: QuantizeLinear and DequantizeLinear around what has 8-bit kernels,
 * int8 weights and int32 biases stored as such. Scales follow Jacob et al. 2018 (arXiv:1712.05877).
 */
export const quantizeInt8 = definePass({
  name: 'quantize-int8',
  summary: 'Quantize weights and activations to int8 (static, QDQ) with ranges from calibration',
  effect: 'lossy',
  scope: 'model',
  needs: 'ranges',
  options: {
    scheme: {
      kind: 'enum',
      values: ['u8s8', 's8s8'],
      default: 'u8s8',
      help: 'Types of activations and weights: u8s8 for x86 and WebAssembly, s8s8 for ARM',
    },
    perChannel: { kind: 'boolean', default: true, help: 'One weight scale per output channel' },
    symmetricActivations: {
      kind: 'boolean',
      default: false,
      help: 'Zero point in the middle; activation functions then stay float',
    },
    reduceRange: {
      kind: 'boolean',
      default: false,
      help: 'Enlarge weight scales where products could saturate on x86 without VNNI',
    },
    activationProducts: {
      kind: 'boolean',
      default: true,
      help: 'Quantize products of two activations (attention) too',
    },
    biasCorrection: {
      kind: 'boolean',
      default: true,
      help: 'Take what rounding the weights adds on average off the bias',
    },
    exclude: { kind: 'list', default: [], help: 'Nodes to leave in float: names or operators, with * and ?' },
  },
  run(graph, { model, options, ranges, count, report }) {
    if (isQuantized(graph)) {
      report(
        note({
          code: 'quantize-already',
          message: 'the model is quantized already; it stays as it is',
          at: graph.name,
        }),
      );
      return;
    }
    // Where nothing would run in 8 bits, as in a tree ensemble, the opset is nobody's concern.
    const matters = planInt8(graph, { exclude: options.exclude }).nodes.size > 0;
    const opset = opsetAt(model, graph);
    if (opset < OPSET_QDQ && matters) {
      report(
        warning({
          code: 'quantize-opset',
          message: `opset ${opset} has no QuantizeLinear; quantization needs opset ${OPSET_QDQ}, and ${OPSET_PER_CHANNEL} for one scale per channel`,
          at: graph.name,
          hint: 'Run convert-opset before it.',
        }),
      );
      return;
    }
    const scheme: QuantScheme = {
      ...QUANT_SCHEMES[options.scheme as keyof typeof QUANT_SCHEMES],
      symmetricActivation: options.symmetricActivations,
      perChannel: options.perChannel && opset >= OPSET_PER_CHANNEL,
    };
    if (options.perChannel && !scheme.perChannel && matters) report(perTensorOnly(graph, opset));
    const plan = planObserved(graph, ranges, scheme, {
      exclude: options.exclude,
      activationProducts: options.activationProducts,
      foldActivations: !options.symmetricActivations,
    });
    applyPlan(
      graph,
      plan,
      ranges,
      scheme,
      { reduceRange: options.reduceRange, correct: options.biasCorrection },
      count,
    );
    for (const [node, reason] of plan.floatNodes)
      if (node.domain === '' && LINEAR.includes(node.op)) report(staysFloat(node, reason));
  },
});

/** The plan without what calibration knows nothing about, and without activations that its ranges do not make redundant. */
function planObserved(
  graph: Graph,
  ranges: ReadonlyMap<Value, ValueRange>,
  scheme: QuantScheme,
  options: PlanOptions,
): Int8Plan {
  const unobserved = new Set<Value>();
  const keepActivations = new Set<Node>();
  for (;;) {
    const plan = planInt8(graph, { ...options, unobserved, keepActivations });
    const known = unobserved.size + keepActivations.size;
    for (const { value, source } of plan.values.values()) {
      if (source.kind === 'observed' && !ranges.has(value)) unobserved.add(value);
    }
    for (const { folded } of plan.nodes.values()) {
      const range = folded && ranges.get(folded.outputs[0]!);
      if (range !== undefined && foldingParams(folded!, range, scheme.activation) === undefined)
        keepActivations.add(folded!);
    }
    if (unobserved.size + keepActivations.size === known) return plan;
  }
}

function applyPlan(
  graph: Graph,
  plan: Int8Plan,
  ranges: ReadonlyMap<Value, ValueRange>,
  scheme: QuantScheme,
  { reduceRange, correct }: { readonly reduceRange: boolean; readonly correct: boolean },
  count: (what: string, by?: number) => void,
): void {
  const params = paramsOf(plan, ranges, scheme);
  const inserter = new QuantizationInserter(graph);
  const layers: LayerToQuantize[] = [];
  for (const { node, layer } of plan.nodes.values()) {
    if (layer?.weight === undefined) continue;
    const input = node.inputs[0]!;
    const inputMeans = correct ? ranges.get(input)?.channelMeans : undefined;
    layers.push({ node, layer: { ...layer, weight: layer.weight }, inputScale: params.get(input)!.scale, inputMeans });
  }
  const dequantized = new Map<SharedWeight, Value>();
  for (const { node, layer, weight, bias } of quantizeLayers(layers, {
    perChannel: scheme.perChannel,
    avoidSaturation: reduceRange,
  })) {
    let stored = dequantized.get(weight);
    if (stored === undefined) {
      const tensor = tensorFromElements('int8', weight.dims, weight.values);
      stored = inserter.dequantizeWeight(tensor, weight.scales, weight.axis, !isOp(node, 'Conv'), node);
      dequantized.set(weight, stored);
      count('weights quantized');
      if (weight.saturates) count('weights that can saturate without VNNI');
    }
    replaceOperand(graph, node, layer.weight.index, stored);
    if (bias !== undefined) {
      const tensor = tensorFromElements('int32', [bias.values.length], bias.values);
      const axis = weight.axis === undefined ? undefined : 0;
      replaceOperand(
        graph,
        node,
        layer.bias?.index ?? BIAS_OPERAND,
        inserter.dequantizeBias(tensor, bias.scales, axis, node),
      );
    }
    if (isOp(node, 'Gemm')) for (const factor of ['alpha', 'beta']) graph.setAttribute(node, factor, float(1));
  }
  for (const { node, operands } of plan.nodes.values()) {
    for (const index of operands) {
      const value = node.inputs[index];
      if (value?.constant === undefined) continue;
      const { tensor, params } = quantizeConstant(value.name, value.constant, scheme);
      replaceOperand(graph, node, index, inserter.dequantizeConstant(tensor, params, node));
    }
  }
  for (const { value, replaces } of plan.values.values()) {
    if (replaces) inserter.wrapValue(value, params.get(value)!);
    else
      inserter.wrapUses(
        value,
        params.get(value)!,
        [...value.uses].filter(({ node, index }) => plan.nodes.get(node)?.operands.includes(index)),
      );
  }
  nameLayers(graph, plan);
  count('nodes in int8', plan.nodes.size);
  count('activations quantized', plan.values.size);
}

/** Scale and zero point of every quantized value. */
function paramsOf(
  plan: Int8Plan,
  ranges: ReadonlyMap<Value, ValueRange>,
  scheme: QuantScheme,
): Map<Value, QuantParams> {
  const params = new Map<Value, QuantParams>();
  const activations = new Set([...plan.nodes.values()].map(({ folded }) => folded));
  const find = (value: Value): QuantParams => {
    const known = params.get(value);
    if (known !== undefined) return known;
    let at = value;
    let source = plan.values.get(at)!.source;
    while (source.kind === 'same-as') {
      at = source.value;
      source = plan.values.get(at)!.source;
    }
    const range = source.kind === 'fixed' ? source.range : ranges.get(at)!;
    const found =
      activations.has(at.producer) && at.producer !== undefined
        ? foldingParams(at.producer, range, scheme.activation)!
        : affineParams(range, scheme.activation, scheme.symmetricActivation);
    params.set(value, found);
    return found;
  };
  for (const value of plan.values.keys()) find(value);
  return params;
}

/** Gives every layer a name, by which what the runtime makes of it can be found. */
function nameLayers(graph: Graph, plan: Int8Plan): void {
  const used = new Set<string>();
  for (const node of graph.nodes()) used.add(node.name);
  let number = 0;
  for (const { node, layer } of plan.nodes.values()) {
    if (layer === undefined || node.name !== '') continue;
    do number++;
    while (used.has(`${node.op}_${number}`));
    graph.rename(node, `${node.op}_${number}`);
  }
}

/** Puts another value in an operand's place, and removes the constant that stood there if nothing reads it any more. */
function replaceOperand(graph: Graph, node: Node, index: number, value: Value): void {
  const old = node.inputs[index];
  graph.setInput(node, index, value);
  if (old?.constant !== undefined && old.graph === graph && isUnused(old)) graph.eraseValue(old);
}

function perTensorOnly(graph: Graph, opset: number): Diagnostic {
  return warning({
    code: 'quantize-per-tensor',
    message: `opset ${opset} has one scale per weight; one per channel, which is more accurate, needs opset ${OPSET_PER_CHANNEL}`,
    at: graph.name,
    hint: 'Run convert-opset before it.',
  });
}

function staysFloat(node: Node, reason: FloatReason): Diagnostic {
  return note({
    code: `quantize-float-${reason}`,
    message: `${describeNode(node)} stays float because ${FLOAT_REASONS[reason]}`,
    at: node.name,
  });
}

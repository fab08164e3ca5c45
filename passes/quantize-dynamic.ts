import { warning } from '../src/diagnostics/diagnostic.ts';
import { floatOf, int, intOf } from '../src/ir/attribute.ts';
import type { Graph } from '../src/ir/graph.ts';
import type { Model } from '../src/ir/model.ts';
import { hasOneResult, isOp, type Node } from '../src/ir/node.ts';
import { elementCount, type Tensor, tensorFromElements, toFloat32 } from '../src/ir/tensor.ts';
import { isUnused, type Value } from '../src/ir/value.ts';
import { definePass } from '../src/pass/define-pass.ts';
import { matchesNode } from '../src/pass/node-pattern.ts';
import { dynamicLstm, LSTM_DOMAIN } from '../src/quantize/dynamic-lstm.ts';
import { quantizeWeight, weightScales } from '../src/quantize/quantize-weight.ts';
import { transposeMatrix } from '../src/quantize/transpose-matrix.ts';
import { allFinite } from '../src/rewrite/constant-numbers.ts';
import { opsetAt } from '../src/rewrite/opset-at.ts';

/** The first opset with DynamicQuantizeLinear. */
const OPSET_DYNAMIC = 11;

/** ONNX's number of float32, as Cast takes it. */
const FLOAT32_CODE = 1;

/**
 * Dynamic quantization: weights are stored in int8 and activations quantized in every run over the range they take in it,
 * so no calibration data is needed. Matrix products become DynamicQuantizeLinear and MatMulInteger, which ONNX Runtime
 * fuses into one kernel; an LSTM becomes ONNX Runtime's DynamicQuantizeLSTM. A Conv stays as it is: its dynamic form has
 * no kernel for int8 weights.
 */
export const quantizeDynamic = definePass({
  name: 'quantize-dynamic',
  summary: 'Quantize matrix products and LSTMs to int8 with ranges found at run time (no data needed)',
  effect: 'lossy',
  options: {
    minElements: {
      kind: 'number',
      default: 1024,
      min: 1,
      integer: true,
      help: 'Leave weights with fewer elements, which are faster in float',
    },
    operators: { kind: 'list', default: ['MatMul', 'Gemm', 'LSTM'], help: 'Operators to quantize: MatMul, Gemm, LSTM' },
    perChannel: { kind: 'boolean', default: true, help: 'One weight scale per output channel' },
    exclude: { kind: 'list', default: [], help: 'Nodes to leave in float: names or operators, with * and ?' },
  },
  run(graph, { model, options, count, report }) {
    const layers = [...graph.nodes()].filter(
      (node) =>
        node.domain === '' &&
        options.operators.includes(node.op) &&
        !matchesNode(node, options.exclude) &&
        largestWeight(node) >= options.minElements,
    );
    if (layers.length === 0) return;
    const opset = opsetAt(model, graph);
    if (opset < OPSET_DYNAMIC) {
      report(
        warning({
          code: 'quantize-opset',
          message: `opset ${opset} has no DynamicQuantizeLinear; dynamic quantization needs opset ${OPSET_DYNAMIC}`,
          at: graph.name,
          hint: 'Run convert-opset before it.',
        }),
      );
      return;
    }
    const quantizer = new DynamicQuantizer(graph, options.perChannel);
    for (const node of layers) {
      if (isOp(node, 'LSTM')) {
        if (dynamicLstm(node, graph)) {
          importLstm(model);
          count('LSTMs quantized');
        }
      } else if (quantizer.product(node)) count('matrix products quantized');
    }
  },
});

/** Elements of the largest constant float matrix that a node reads. */
function largestWeight(node: Node): number {
  const sizes = node.inputs.map((value) =>
    value?.constant?.dtype === 'float32' && value.constant.dims.length > 1 ? elementCount(value.constant.dims) : 0,
  );
  return Math.max(0, ...sizes);
}

function importLstm(model: Model): void {
  if (!model.opsetImports.has(LSTM_DOMAIN)) model.opsetImports.set(LSTM_DOMAIN, 1);
}

interface QuantizedMatrix {
  readonly values: Value;
  readonly scale: Value;
  readonly zeroPoint: Value;
}

interface DynamicActivation {
  readonly quantized: Value;
  readonly scale: Value;
  readonly zeroPoint: Value;
}

/** Rewrites the matrix products of one graph; an activation or weight that several read is quantized once. */
class DynamicQuantizer {
  readonly #graph: Graph;
  readonly #perChannel: boolean;
  readonly #activations = new Map<Value, DynamicActivation>();
  readonly #weights = new Map<Value, Map<boolean, QuantizedMatrix>>();

  constructor(graph: Graph, perChannel: boolean) {
    this.#graph = graph;
    this.#perChannel = perChannel;
  }

  /** Rewrites a MatMul, or a Gemm without factors, by a constant matrix; answers whether it could. */
  product(node: Node): boolean {
    const [input, weight, bias] = node.inputs;
    const output = node.outputs[0];
    const matrix = weight?.constant;
    if (input === undefined || weight === undefined || output === undefined || !hasOneResult(node)) return false;
    if (matrix?.dtype !== 'float32' || matrix.dims.length !== 2 || input.constant !== undefined) return false;
    if (!allFinite(matrix) || (isOp(node, 'Gemm') && !isPlainGemm(node, bias))) return false;
    const graph = this.#graph;
    const activation = this.#quantizeActivation(node, input);
    const { values, scale, zeroPoint } = this.#quantizeMatrix(weight, intOf(node, 'transB') === 1);
    const before = (op: string, inputs: readonly Value[], attributes = {}, outputs = [{}]) =>
      graph.insertBefore(node, { op, inputs, attributes, outputs, origin: node.origin }).outputs[0]!;
    const sum = before('MatMulInteger', [activation.quantized, values, activation.zeroPoint, zeroPoint]);
    const float = before('Cast', [sum], { to: int(FLOAT32_CODE) });
    const scales = before('Mul', [activation.scale, scale]);
    const result = { name: output.name, type: output.type, declared: output.declared };
    graph.rename(output, '');
    const scaled = before('Mul', [float, scales], {}, [bias === undefined ? result : {}]);
    const last = bias === undefined ? scaled : before('Add', [scaled, bias], {}, [result]);
    graph.replaceAllUses(output, last, { outputs: true });
    graph.erase(node);
    if (isUnused(weight) && weight.graph === graph) graph.eraseValue(weight);
    return true;
  }

  #quantizeActivation(reader: Node, value: Value): DynamicActivation {
    const known = this.#activations.get(value);
    if (known !== undefined) return known;
    const node = this.#graph.insertBefore(reader, {
      op: 'DynamicQuantizeLinear',
      inputs: [value],
      outputs: [{}, {}, {}],
    });
    const [quantized, scale, zeroPoint] = node.outputs;
    const activation = { quantized: quantized!, scale: scale!, zeroPoint: zeroPoint! };
    this.#activations.set(value, activation);
    return activation;
  }

  #quantizeMatrix(value: Value, transposed: boolean): QuantizedMatrix {
    const variants = this.#weights.get(value) ?? new Map<boolean, QuantizedMatrix>();
    this.#weights.set(value, variants);
    const known = variants.get(transposed);
    if (known !== undefined) return known;
    const tensor = transposed ? transposeMatrix(value.constant!) : value.constant!;
    const made = this.#storeMatrix(tensor, value.name);
    variants.set(transposed, made);
    return made;
  }

  #storeMatrix(tensor: Tensor, name: string): QuantizedMatrix {
    const graph = this.#graph;
    const axis = this.#perChannel ? 1 : undefined;
    const floats = toFloat32(tensor);
    const scales = Float32Array.from(weightScales(floats, tensor.dims, axis), (scale) => scale || 1);
    const dims = axis === undefined ? [] : [scales.length];
    const quantized = tensorFromElements('int8', tensor.dims, quantizeWeight(floats, tensor.dims, axis, scales));
    return {
      values: graph.addConstant(quantized, `${name}_q`),
      scale: graph.addConstant(tensorFromElements('float32', dims, scales), `${name}_s`),
      zeroPoint: graph.addConstant(tensorFromElements('int8', dims, new Int8Array(scales.length)), `${name}_z`),
    };
  }
}

/** Gemm without factors or a transposed activation, whose bias, if any, is float32: a product and a sum. */
function isPlainGemm(node: Node, bias: Value | undefined): boolean {
  const plain = (floatOf(node, 'alpha') ?? 1) === 1 && (bias === undefined || (floatOf(node, 'beta') ?? 1) === 1);
  return plain && intOf(node, 'transA') !== 1;
}

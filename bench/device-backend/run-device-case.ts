import { openModelFile } from '../../src/files/open-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { isStatic } from '../../src/ir/shape.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { dtypeOf, shapeOf } from '../../src/ir/value-type.ts';
import { openLiteRtSession } from '../../src/runtime/litert.ts';
import type { LiteRtHost } from '../../src/runtime/litert-host.ts';
import { lowerToTflite } from '../../src/targets/device/lower-to-tflite.ts';
import { agreesWithSuite, suiteTensors } from '../../test/suite-tensors.ts';
import type { BackendCase } from '../../test/zoo.ts';

/** What became of a case of the ONNX backend suite on the device. */
export interface DeviceVerdict {
  readonly kind: 'equal' | 'refused' | 'wrong';
  /** The reason code of a refusal, or what is wrong. */
  readonly reason: string;
  /** For a refusal, its message. */
  readonly message: string;
  /** Whether the case is about float32 tensors of fixed sizes: all inputs and outputs are tensors, and one is float32. */
  readonly staticFloat: boolean;
}

/** Lowers a case for the shapes of its data, runs it in LiteRT and compares it with what the suite expects. */
export async function runDeviceCase({ folder }: BackendCase, host: LiteRtHost): Promise<DeviceVerdict> {
  const model = await openModelFile(`${folder}/model.onnx`);
  const set = `${folder}/test_data_set_0`;
  const inputs = suiteTensors(set, 'input');
  const outputs = suiteTensors(set, 'output');
  const free = model.graph.inputs.filter((value) => value.initial === undefined);
  const feed = new Map(free.flatMap(({ name }, k) => (inputs[k] === undefined ? [] : [[name, inputs[k]] as const])));
  const constants = parametersOf(model, feed);
  const shapes = new Map([...feed].map(([name, tensor]) => [name, tensor.dims]));
  const staticFloat = isStaticFloat(model, feed, outputs);
  const lowering = lowerToTflite(model, { binding: { shapes, constants } });
  if (lowering.kind === 'refused') {
    const { code, message } = lowering.report.refused[0]!;
    return { kind: 'refused', reason: code, message, staticFloat };
  }
  const session = await openLiteRtSession(lowering.bytes, { host });
  try {
    const found = await session.run(feed);
    for (const [k, { name }] of model.graph.outputs.entries()) {
      const expected = outputs[k];
      const got = found.get(name) as Tensor | undefined;
      if (expected === undefined || got === undefined || !agreesWithSuite(expected, got)) {
        return { kind: 'wrong', reason: `output ${name} differs`, message: '', staticFloat };
      }
    }
    return { kind: 'equal', reason: '', message: '', staticFloat };
  } finally {
    await session.close();
  }
}

/** Operands that are parameters of an operator, whatever their type: sizes, scales, depths, rates, bounds. */
const PARAMETERS: Readonly<Record<string, readonly number[]>> = {
  Resize: [1, 2, 3],
  Upsample: [1],
  OneHot: [1, 2],
  CumSum: [1],
  Range: [0, 1, 2],
};

/** The inputs that nets have as constants: lists of 64-bit integers, such as axes and shapes, and parameters. */
function parametersOf({ graph }: Model, feed: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const isParameter = (name: string): boolean => {
    const uses = [...(graph.inputs.find((value) => value.name === name)?.uses ?? [])];
    return uses.length > 0 && uses.every(({ node, index }) => PARAMETERS[node.op]?.includes(index));
  };
  return new Map(
    [...feed].filter(
      ([name, tensor]) => feed.size > 1 && ((tensor.dtype === 'int64' && tensor.dims.length <= 1) || isParameter(name)),
    ),
  );
}

function isStaticFloat(
  { graph }: Model,
  feed: ReadonlyMap<string, Tensor>,
  outputs: readonly (Tensor | undefined)[],
): boolean {
  const inputs = graph.inputs.filter((value) => value.initial === undefined);
  if (outputs.length < graph.outputs.length || inputs.some(({ name }) => !feed.has(name))) return false;
  const types = [...inputs.map(({ type }) => type), ...graph.outputs.map(({ declared }) => declared)];
  if (types.some((type) => !isStatic(shapeOf(type)))) return false;
  const dtypes = types.map(dtypeOf);
  return dtypes.includes('float32') && dtypes.every((dtype) => dtype !== undefined && PORT_TYPES.has(dtype));
}

/** Element types that a float32 model has at its borders: indices, masks and bytes beside the floats. */
const PORT_TYPES: ReadonlySet<string> = new Set(['float32', 'int32', 'int64', 'bool', 'int8', 'uint8']);

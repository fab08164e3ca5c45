import type { Attribute } from './attribute.ts';
import type { Extra } from './extra.ts';
import type { Graph } from './graph.ts';

/** A model-local function: a graph that nodes of the operator `domain.name` stand for. */
export interface FunctionDef {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  /** The body; its inputs and outputs are the function's, without types. */
  readonly graph: Graph;
  /** Attributes that a call must give, and those with a default. */
  readonly attributeNames: readonly string[];
  readonly attributeDefaults: ReadonlyMap<string, Attribute>;
  readonly opsetImports: Map<string, number>;
  readonly extra?: Extra;
}

/** A whole model: the main graph, its functions, and what the file says about itself. */
export interface Model {
  graph: Graph;
  functions: FunctionDef[];
  /** ONNX IR version of the file. */
  irVersion: number;
  /** Operator-set version by domain; `''` is ai.onnx. */
  opsetImports: Map<string, number>;
  producerName: string;
  producerVersion: string;
  domain: string;
  modelVersion: bigint;
  /** `TrainingInfoProto` messages as they stood in the file. */
  trainingInfo: readonly Uint8Array[];
  extra: Extra | undefined;
}

/** The ai.onnx opset that a model's nodes follow; 1 where the file does not say. */
export function opsetOf(model: Pick<Model, 'opsetImports'>, domain = ''): number {
  return model.opsetImports.get(domain) ?? 1;
}

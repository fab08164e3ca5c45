import type { Node } from '../../ir/node.ts';
import type { OperatorSchema } from './operator-schema.ts';
import { parseSchema } from './parse-schema.ts';
import { ACTIVATION_OPERATORS } from './tables/activation.ts';
import { ATTENTION_OPERATORS } from './tables/attention.ts';
import { CONTROL_FLOW_OPERATORS } from './tables/control-flow.ts';
import { CONVOLUTION_OPERATORS } from './tables/convolution.ts';
import { ELEMENTWISE_BINARY_OPERATORS } from './tables/elementwise-binary.ts';
import { ELEMENTWISE_UNARY_OPERATORS } from './tables/elementwise-unary.ts';
import { EXPERIMENTAL_OPERATORS } from './tables/experimental.ts';
import { GATHER_SCATTER_OPERATORS } from './tables/gather-scatter.ts';
import { IMAGE_OPERATORS } from './tables/image.ts';
import { LOSS_OPERATORS } from './tables/loss.ts';
import { MATMUL_OPERATORS } from './tables/matmul.ts';
import { MICROSOFT_A_TO_F_OPERATORS } from './tables/microsoft-a-to-f.ts';
import { MICROSOFT_G_TO_P_OPERATORS } from './tables/microsoft-g-to-p.ts';
import { MICROSOFT_NCHWC_OPERATORS } from './tables/microsoft-nchwc.ts';
import { MICROSOFT_Q_TO_Z_OPERATORS } from './tables/microsoft-q-to-z.ts';
import { ML_OPERATORS } from './tables/ml.ts';
import { NORMALIZATION_OPERATORS } from './tables/normalization.ts';
import { POOLING_OPERATORS } from './tables/pooling.ts';
import { PREVIEW_OPERATORS } from './tables/preview.ts';
import { QUANTIZATION_OPERATORS } from './tables/quantization.ts';
import { RANDOM_OPERATORS } from './tables/random.ts';
import { RECURRENT_OPERATORS } from './tables/recurrent.ts';
import { REDUCTION_OPERATORS } from './tables/reduction.ts';
import { SEQUENCE_OPERATORS } from './tables/sequence.ts';
import { SHAPE_OPERATORS } from './tables/shape.ts';
import { SIGNAL_OPERATORS } from './tables/signal.ts';
import { TEXT_OPERATORS } from './tables/text.ts';
import { TRAINING_OPERATORS } from './tables/training.ts';

/** The rows of every domain's operator tables, one per operator version. */
const TABLES: ReadonlyMap<string, readonly (readonly string[])[]> = new Map([
  [
    '',
    [
      ACTIVATION_OPERATORS,
      ATTENTION_OPERATORS,
      CONTROL_FLOW_OPERATORS,
      CONVOLUTION_OPERATORS,
      ELEMENTWISE_BINARY_OPERATORS,
      ELEMENTWISE_UNARY_OPERATORS,
      EXPERIMENTAL_OPERATORS,
      GATHER_SCATTER_OPERATORS,
      IMAGE_OPERATORS,
      LOSS_OPERATORS,
      MATMUL_OPERATORS,
      NORMALIZATION_OPERATORS,
      POOLING_OPERATORS,
      QUANTIZATION_OPERATORS,
      RANDOM_OPERATORS,
      RECURRENT_OPERATORS,
      REDUCTION_OPERATORS,
      SEQUENCE_OPERATORS,
      SHAPE_OPERATORS,
      SIGNAL_OPERATORS,
      TEXT_OPERATORS,
    ],
  ],
  ['ai.onnx.ml', [ML_OPERATORS]],
  ['ai.onnx.preview.training', [TRAINING_OPERATORS]],
  ['ai.onnx.preview', [PREVIEW_OPERATORS]],
  ['com.microsoft', [MICROSOFT_A_TO_F_OPERATORS, MICROSOFT_G_TO_P_OPERATORS, MICROSOFT_Q_TO_Z_OPERATORS]],
  ['com.microsoft.nchwc', [MICROSOFT_NCHWC_OPERATORS]],
]);

/** Versions of each operator, oldest first, by domain and name. */
const SCHEMAS: ReadonlyMap<string, ReadonlyMap<string, readonly OperatorSchema[]>> = new Map(
  [...TABLES].map(([domain, tables]) => [domain, schemasByName(domain, tables.flat())]),
);

function schemasByName(domain: string, rows: readonly string[]): Map<string, OperatorSchema[]> {
  const byName = new Map<string, OperatorSchema[]>();
  for (const row of rows) {
    const schema = parseSchema(domain, row);
    const versions = byName.get(schema.op) ?? [];
    versions.push(schema);
    byName.set(schema.op, versions);
  }
  for (const versions of byName.values()) versions.sort((a, b) => a.since - b.since);
  return byName;
}

/**
 * The version of an operator that a model of `opset` uses: the newest one not newer than that. None for an operator
 * that the tables do not know or that appeared later.
 */
export function schemaOf(domain: string, op: string, opset: number): OperatorSchema | undefined {
  return schemaVersions(domain, op).findLast((schema) => schema.since <= opset);
}

/** `schemaOf` for a node of a model with these opsets by domain. */
export function schemaOfNode(node: Node, opsetImports: ReadonlyMap<string, number>): OperatorSchema | undefined {
  return schemaOf(node.domain, node.op, opsetImports.get(node.domain) ?? 1);
}

/** Every version of an operator, oldest first; empty for one that is not known. */
export function schemaVersions(domain: string, op: string): readonly OperatorSchema[] {
  return SCHEMAS.get(domain)?.get(op) ?? [];
}

/** Every version of every operator of a domain. */
export function schemasOfDomain(domain: string): readonly OperatorSchema[] {
  return [...(SCHEMAS.get(domain)?.values() ?? [])].flat();
}

/** The domains that the tables know. */
export function knownDomains(): readonly string[] {
  return [...SCHEMAS.keys()];
}

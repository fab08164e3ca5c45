import type { EncodedMessage } from '../bytes/encode-message.ts';
import { MAX_MESSAGE_BYTES } from '../bytes/message-schema.ts';
import { fail } from '../diagnostics/modelpress-error.ts';
import type { FunctionDef, Model } from '../ir/model.ts';
import { nameGraphs } from '../ir/name-graphs.ts';
import { attributeToProto, type EncodeContext, functionBodyToProto, graphToProto } from './encode-graph.ts';
import { type PlaceTensor, placeInline } from './encode-tensor.ts';
import { type DataFile, type ExternalDataOptions, externalLayout } from './external-layout.ts';
import { extraFields } from './extras.ts';
import { encodeProto, type Proto } from './schema.ts';
import { knowledgeOf } from './stated-types.ts';

export interface EncodeOptions {
  /** Puts weights into a data file. Without it they stay in the model while it fits into one message. */
  readonly external?: ExternalDataOptions | undefined;
  /** Name of the data file where the model does not fit without one. Default `model.onnx.data`. */
  readonly location?: string | undefined;
  /** Largest model file in bytes before weights go into a data file by themselves. Default: 1.75 GB. */
  readonly limit?: number | undefined;
  /**
   * Whether to write the types of all values inside the graph, and doc strings and metadata of nodes. Without it only
   * those types are written that runtimes may not infer, because their fusions ask for them. Default true.
   */
  readonly debugInfo?: boolean | undefined;
}

/** A model as the pieces of its file, and of its data file if it has one. */
export interface EncodedModel extends EncodedMessage {
  readonly data: DataFile | undefined;
}

/**
 * Largest model file that is written without a data file. Well below protobuf's limit of 2^31 - 1: runtimes and tools that
 * add to a model when they load it must still be able to write it.
 */
const INLINE_BYTES = 1.75 * 2 ** 30;

/** Where an Identity is written for a graph output and no other operator is of ai.onnx: its newest form that takes all types. */
const IDENTITY_OPSET = 16;

const DEFAULT_LOCATION = 'model.onnx.data';

/** Before this IR version initializers must be listed as inputs. */
const UNLISTED_INITIALIZERS_SINCE = 4;

/**
 * Writes a model as `onnx.proto3`: the IR version and operator sets that it has, names unique and otherwise unchanged,
 * weights as the chunks they are. The same model always gives the same bytes.
 *
 * @throws ModelpressError `onnx-too-large` when even without its weights the model does not fit into a message.
 */
export function encodeModel(model: Model, options: EncodeOptions = {}): EncodedModel {
  const { external, location = DEFAULT_LOCATION, debugInfo = true } = options;
  if (external === undefined) {
    const inline = encodeProto('ModelProto', modelToProto(model, placeInline, debugInfo));
    if (inline.byteLength <= (options.limit ?? INLINE_BYTES)) return { ...inline, data: undefined };
  }
  const limit = options.limit ?? MAX_MESSAGE_BYTES;
  const layout = externalLayout(external ?? { location });
  const message = encodeProto('ModelProto', modelToProto(model, layout.place, debugInfo));
  if (message.byteLength > limit) {
    fail({
      code: 'onnx-too-large',
      at: model.graph.name,
      message: `without its external weights the model still takes ${message.byteLength} bytes; a file holds ${limit}`,
      hint: 'Turn large constants inside attributes into initializers (pass lift-constants).',
    });
  }
  return { ...message, data: layout.file() };
}

function modelToProto(model: Model, place: PlaceTensor, debugInfo: boolean): Proto<'ModelProto'> {
  const context: EncodeContext = {
    names: nameGraphs(model.graph),
    place,
    listInitializers: model.irVersion < UNLISTED_INITIALIZERS_SINCE,
    debugInfo,
    reader: knowledgeOf(model),
  };
  return {
    irVersion: BigInt(model.irVersion),
    producerName: model.producerName || undefined,
    producerVersion: model.producerVersion || undefined,
    domain: model.domain || undefined,
    modelVersion: model.modelVersion || undefined,
    graph: graphToProto(model.graph, context),
    opsetImport: opsetImports(model.opsetImports, context),
    trainingInfo: model.trainingInfo,
    functions: model.functions.map((definition) => functionToProto(definition, place)),
    ...extraFields(model.extra),
  };
}

function functionToProto(definition: FunctionDef, place: PlaceTensor): Proto<'FunctionProto'> {
  const context: EncodeContext = {
    names: nameGraphs(definition.graph),
    place,
    listInitializers: false,
    debugInfo: true,
    reader: { opsets: definition.opsetImports, symbols: new Set() },
  };
  return {
    name: definition.name,
    domain: definition.domain,
    overload: definition.overload || undefined,
    ...functionBodyToProto(definition.graph, context),
    attribute: definition.attributeNames,
    attributeProto: Array.from(definition.attributeDefaults, ([name, attribute]) =>
      attributeToProto(name, attribute, context),
    ),
    opsetImport: opsetImports(definition.opsetImports, context),
    ...extraFields(definition.extra),
  };
}

function opsetImports(imports: ReadonlyMap<string, number>, { names }: EncodeContext): Proto<'OperatorSetIdProto'>[] {
  const bridged = [...names.values()].some(({ bridges }) => bridges.length > 0);
  const all = bridged && !imports.has('') ? [...imports, ['', IDENTITY_OPSET] as const] : [...imports];
  return all.map(([domain, version]) => ({ domain, version: BigInt(version) }));
}

import type { ByteSource } from '../bytes/byte-source.ts';
import { type Reporter, warning } from '../diagnostics/diagnostic.ts';
import { fail, ModelpressError } from '../diagnostics/modelpress-error.ts';
import type { Attribute } from '../ir/attribute.ts';
import type { FunctionDef, Model } from '../ir/model.ts';
import { attributeFromProto } from './decode-attribute.ts';
import { canonicalDomain, type GraphContext, graphFromProto } from './decode-graph.ts';
import { externalData, type OpenExternal } from './external-data.ts';
import { extraFrom } from './extras.ts';
import { refuseRecursion } from './function-recursion.ts';
import { identifyFile } from './identify-file.ts';
import { opsetImportsFrom, repairImports } from './opset-imports.ts';
import { decodeProto, NEWEST_IR_VERSION, type Proto } from './schema.ts';
import { versionNumber } from './version-number.ts';

export interface DecodeOptions {
  /** Opens the files that tensors outside the model name. Without it such a model is refused. */
  readonly external?: OpenExternal | undefined;
  /** Takes warnings: what was repaired or may be misunderstood. */
  readonly report?: Reporter | undefined;
}

/** The first IR version whose models must import operator sets. */
const IMPORTS_SINCE = 3;

/**
 * Reads an ONNX model (`onnx.proto3`, IR versions 1 to 13). Weights stay views onto the source or unread ranges of the
 * files around it; what the IR does not know is kept for writing.
 *
 * @throws ModelpressError `onnx-empty`, `onnx-not-a-model`, `onnx-truncated`, `onnx-malformed`, `onnx-version`, and those of graphs,
 * tensors and external data.
 */
export function decodeModel(source: ByteSource, options: DecodeOptions = {}): Model {
  const proto = decodeFile(source);
  const report = options.report ?? (() => {});
  const irVersion = versionNumber(proto.irVersion ?? 0n, 'the ONNX IR');
  if (irVersion > NEWEST_IR_VERSION) {
    report(
      warning({
        code: 'onnx-newer-ir-version',
        at: source.label,
        message: `the model has IR version ${irVersion}; ${NEWEST_IR_VERSION} is the newest known, and what is new in it is kept without being understood`,
      }),
    );
  }
  const opsetImports = opsetImportsFrom(proto.opsetImport);
  if (irVersion >= IMPORTS_SINCE && opsetImports.size === 0) {
    fail({
      code: 'onnx-no-opset',
      at: source.label,
      message: `${source.label} has IR version ${irVersion} and imports no operator set, which every model since version ${IMPORTS_SINCE} must`,
      hint: 'The file is probably cut off after its graph; copy or export it again.',
    });
  }
  if (opsetImports.size === 0) opsetImports.set('', 1);
  const external = externalData(options.external);
  const domains = new Set<string>();
  const context: GraphContext = { irVersion, external, report, updatable: updatedNames(proto), domains };
  const graph = graphFromProto(proto.graph ?? {}, context);
  repairImports(opsetImports, domains, 'the model', report);
  const functions = (proto.functions ?? []).map((definition) => functionFrom(definition, context));
  refuseRecursion(functions);
  return {
    graph,
    functions,
    irVersion,
    opsetImports,
    producerName: proto.producerName ?? '',
    producerVersion: proto.producerVersion ?? '',
    domain: proto.domain ?? '',
    modelVersion: proto.modelVersion ?? 0n,
    trainingInfo: proto.trainingInfo ?? [],
    extra: extraFrom(proto),
  };
}

function functionFrom(proto: Proto<'FunctionProto'>, model: GraphContext): FunctionDef {
  const name = proto.name ?? '';
  const context: GraphContext = { ...model, updatable: new Set(), domains: new Set() };
  // A function names its inputs only; what else is known of them stands in `value_info`.
  const infos = new Map(proto.valueInfo?.map((info) => [info.name, info]));
  const graph = graphFromProto(
    {
      name,
      node: proto.node,
      valueInfo: proto.valueInfo,
      input: proto.input?.map((input) => ({ ...infos.get(input), name: input, type: undefined })),
      output: proto.output?.map((output) => ({ name: output })),
    },
    context,
  );
  const opsetImports = opsetImportsFrom(proto.opsetImport);
  repairImports(opsetImports, context.domains, `function '${name}'`, context.report);
  const attributeDefaults = new Map<string, Attribute>();
  const attributeContext = {
    external: context.external,
    graph: (inner: Proto<'GraphProto'>) => graphFromProto(inner, context),
  };
  for (const attribute of proto.attributeProto ?? []) {
    attributeDefaults.set(attribute.name ?? '', attributeFromProto(attribute, attributeContext, `function '${name}'`));
  }
  const extra = extraFrom(proto);
  return {
    domain: canonicalDomain(proto.domain),
    name,
    overload: proto.overload ?? '',
    graph,
    attributeNames: proto.attribute ?? [],
    attributeDefaults,
    opsetImports,
    ...(extra === undefined ? {} : { extra }),
  };
}

/** Initializers that a training graph's update writes to. */
function updatedNames(proto: Proto<'ModelProto'>): Set<string> {
  const names = new Set<string>();
  for (const bytes of proto.trainingInfo ?? []) {
    const { initializationBinding = [], updateBinding = [] } = decodeProto('TrainingInfoProto', bytes);
    for (const { key } of [...initializationBinding, ...updateBinding]) if (key !== undefined) names.add(key);
  }
  return names;
}

/** The model message, with one clear error for each way in which a file is none. */
function decodeFile(source: ByteSource): Proto<'ModelProto'> {
  const { label } = source;
  if (source.size === 0) {
    fail({ code: 'onnx-empty', at: label, message: `${label} is empty`, hint: 'Copy or export the model again.' });
  }
  const bytes = source.read(0, source.size);
  const other = identifyFile(bytes);
  if (other !== undefined) notAModel(label, `it is ${other}`);
  let proto: Proto<'ModelProto'>;
  try {
    proto = decodeProto('ModelProto', bytes);
  } catch (error) {
    if (!(error instanceof ModelpressError)) throw error;
    if (!looksLikeModel(bytes)) notAModel(label, 'its bytes are no ONNX message', error);
    const truncated = error.code === 'wire-truncated';
    fail(
      {
        code: truncated ? 'onnx-truncated' : 'onnx-malformed',
        at: label,
        message: `${label} ${truncated ? 'is cut off' : 'is damaged'}: ${error.message}`,
        hint: 'Copy or export the model again.',
      },
      error,
    );
  }
  if (proto.graph === undefined) {
    if (proto.irVersion === undefined || !looksLikeModel(bytes)) notAModel(label, 'it holds no graph');
    fail({
      code: 'onnx-truncated',
      at: label,
      message: `${label} begins as an ONNX model and ends before its graph`,
      hint: 'Copy or export the model again.',
    });
  }
  return proto;
}

/** Every known exporter writes `ir_version`, field 1, first: a byte 8 and a small number. */
function looksLikeModel(bytes: Uint8Array): boolean {
  return bytes[0] === 0x08 && bytes[1]! > 0 && bytes[1]! < 0x80;
}

function notAModel(label: string, what: string, cause?: unknown): never {
  fail(
    {
      code: 'onnx-not-a-model',
      at: label,
      message: `${label} is not an ONNX model: ${what}`,
      hint: 'Give the path of an .onnx file.',
    },
    cause,
  );
}

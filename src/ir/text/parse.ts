import type { Attribute } from '../attribute.ts';
import { Graph } from '../graph.ts';
import type { FunctionDef, Model } from '../model.ts';
import { nodesWithin } from '../walk.ts';
import { parseAttribute } from './parse-attribute.ts';
import { TextCursor } from './parse-cursor.ts';
import { parseGraphBody, parseGraphText } from './parse-graph.ts';

/** What a text without a header means: IR version 8 and operator set 17, which all runtimes of today run. */
const DEFAULT_IR_VERSION = 8n;
const DEFAULT_OPSET = 17;

type HeaderValue = string | bigint | ReadonlyMap<string, string | bigint>;
type Header = Map<string, HeaderValue>;

/**
 * Reads a model from ONNX's textual syntax (onnx/docs/Syntax.md) with the additions of `printModel`.
 *
 * The header may be left out (IR version 8, operator set 17); domains that are used and not imported get version 1.
 *
 * @throws ModelpressError `text-syntax` with `label:line:column`.
 */
export function parseModel(text: string, label = 'text'): Model {
  const cursor = new TextCursor(text, label);
  const header = parseHeader(cursor);
  const graph = parseGraphText(cursor);
  const functions: FunctionDef[] = [];
  while (!cursor.atEnd) functions.push(parseFunction(cursor));
  const metadata = stringPairs(cursor, header.get('metadata_props'));
  const doc = header.get('doc_string');
  const extra = { ...(typeof doc === 'string' ? { doc } : {}), ...(metadata === undefined ? {} : { metadata }) };
  return {
    graph,
    functions,
    irVersion: Number(integerOf(header, 'ir_version') ?? DEFAULT_IR_VERSION),
    opsetImports: importsOf(header, graph),
    producerName: textOf(header, 'producer_name'),
    producerVersion: textOf(header, 'producer_version'),
    domain: textOf(header, 'domain'),
    modelVersion: integerOf(header, 'model_version') ?? 0n,
    trainingInfo: [],
    extra: Object.keys(extra).length === 0 ? undefined : extra,
  };
}

/** Reads a graph alone. @throws ModelpressError `text-syntax`. */
export function parseGraph(text: string, label = 'text'): Graph {
  const cursor = new TextCursor(text, label);
  const graph = parseGraphText(cursor);
  return cursor.atEnd ? graph : cursor.fail('expected the end');
}

function parseFunction(cursor: TextCursor): FunctionDef {
  const header = parseHeader(cursor);
  const name = cursor.name();
  const attributeNames: string[] = [];
  const attributeDefaults = new Map<string, Attribute>();
  if (cursor.takes('<')) {
    cursor.list('>', () => {
      const attribute = cursor.name();
      if (!cursor.sees(':') && !cursor.sees('=')) attributeNames.push(attribute);
      else
        attributeDefaults.set(
          attribute,
          parseAttribute(cursor, () => parseGraphText(cursor)),
        );
    });
  }
  const graph = new Graph(name);
  parseGraphBody(cursor, graph);
  for (const input of graph.inputs) {
    // A function works on values of any type; what is written beside its inputs is a claim.
    graph.setDeclared(input, input.type);
    graph.setType(input, undefined);
  }
  return {
    domain: textOf(header, 'domain'),
    name,
    overload: textOf(header, 'overload'),
    graph,
    attributeNames,
    attributeDefaults,
    opsetImports: importsOf(header, graph),
  };
}

function parseHeader(cursor: TextCursor): Header {
  const header: Header = new Map();
  if (!cursor.takes('<')) return header;
  cursor.list('>', () => {
    const key = cursor.identifier();
    cursor.expect(':');
    header.set(key, parseHeaderValue(cursor));
  });
  return header;
}

function parseHeaderValue(cursor: TextCursor): HeaderValue {
  if (cursor.sees('"')) return cursor.string();
  if (!cursor.takes('[')) return cursor.integer();
  const pairs = cursor.list(']', () => {
    const key = cursor.string();
    cursor.expect(':');
    return [key, cursor.sees('"') ? cursor.string() : cursor.integer()] as const;
  });
  return new Map(pairs);
}

function importsOf(header: Header, graph: Graph): Map<string, number> {
  const given = header.get('opset_import');
  const imports = new Map<string, number>();
  if (given instanceof Map)
    for (const [domain, version] of given) imports.set(domain === 'ai.onnx' ? '' : domain, Number(version));
  else imports.set('', DEFAULT_OPSET);
  for (const { domain } of nodesWithin(graph))
    if (!imports.has(domain)) imports.set(domain, domain === '' ? DEFAULT_OPSET : 1);
  return imports;
}

function textOf(header: Header, key: string): string {
  const value = header.get(key);
  return typeof value === 'string' ? value : '';
}

function integerOf(header: Header, key: string): bigint | undefined {
  const value = header.get(key);
  return typeof value === 'bigint' ? value : undefined;
}

function stringPairs(cursor: TextCursor, value: HeaderValue | undefined): ReadonlyMap<string, string> | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Map && [...value.values()].every((text) => typeof text === 'string'))
    return value as ReadonlyMap<string, string>;
  return cursor.fail('expected metadata_props as a list of "key": "value"');
}

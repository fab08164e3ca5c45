import { statSync } from 'node:fs';
import { filesOf } from '../../compile/model-identity.ts';
import { openDataset } from '../../data/open-dataset.ts';
import { synthesizeDataset } from '../../data/synthesize-dataset.ts';
import { ModelpressError } from '../../diagnostics/modelpress-error.ts';
import { openModelFile } from '../../files/open-model-file.ts';
import type { Model } from '../../ir/model.ts';
import { openOrtSession } from '../../runtime/onnxruntime-node.ts';
import type { Session } from '../../runtime/session.ts';
import { inspectModel } from '../inspect-model.ts';
import type { InspectedPort, Inspection } from '../inspection.ts';
import { diffAnswers } from './diff-answers.ts';
import { diffNodes } from './diff-nodes.ts';
import { diffWeights } from './diff-weights.ts';
import type { AnswerDiff, ModelDiff, ModelFacts } from './model-diff.ts';

/** How to compare two models. */
export interface DiffOptions {
  /** Inputs to run both on; made up from the seed where absent. */
  readonly data?: string;
  readonly seed?: number;
  /** Run both and compare what they answer. Default true. */
  readonly run?: boolean;
}

/** Samples that both models are run on, at most. */
const SAMPLES = 8;

/**
 * Compares two ONNX models: interface, operators, weights by content, nodes by what they compute, and, in ONNX Runtime
 * without its own optimization, what they answer to the same inputs.
 *
 * @throws ModelpressError those of `openModelFile`, and of `openDataset` where data is given.
 */
export async function diffFiles(a: string, b: string, options: DiffOptions = {}): Promise<ModelDiff> {
  const [left, right] = [await described(a), await described(b)];
  const ports = diffPorts(left.inspection, right.inspection);
  const operators = diffOperators(left.inspection, right.inspection);
  const weights = diffWeights(left.model, right.model);
  const nodes = diffNodes(left.model.graph, right.model.graph);
  const answers = options.run === false ? null : await run(a, b, options);
  const structure = ports.length + operators.length + weights.onlyA + weights.onlyB + nodes.changed.length;
  return {
    a: left.facts,
    b: right.facts,
    interface: ports,
    operators,
    weights,
    nodes,
    answers,
    same: structure + nodes.onlyA.length + nodes.onlyB.length === 0 && sameAnswers(answers),
  };
}

interface Described {
  readonly model: Model;
  readonly inspection: Inspection;
  readonly facts: ModelFacts;
}

async function described(path: string): Promise<Described> {
  const model = await openModelFile(path);
  const inspection = inspectModel(model);
  const bytes = filesOf(model, path).reduce((sum, file) => sum + statSync(file).size, 0);
  const { opset, nodes, weights, compute } = inspection;
  const { parameters, bytes: weightBytes } = weights;
  return { model, inspection, facts: { file: path, bytes, opset, nodes, parameters, weightBytes, macs: compute.macs } };
}

function diffPorts(a: Inspection, b: Inspection): ModelDiff['interface'] {
  return (['inputs', 'outputs'] as const).flatMap((side) => {
    const names = [...new Set([...a[side], ...b[side]].map(({ name }) => name))];
    const text = (ports: readonly InspectedPort[], name: string): string | null => {
      const at = ports.findIndex((port) => port.name === name);
      return at < 0 ? null : describePort(ports[at]!, at);
    };
    return names
      .map((name) => ({ port: `${side.slice(0, -1)} ${name}`, a: text(a[side], name), b: text(b[side], name) }))
      .filter((row) => row.a !== row.b);
  });
}

/** Type, shape and place of a port: interfaces are positional too. */
function describePort({ type, shape, optional }: InspectedPort, at: number): string {
  const dims = shape === null ? '' : `[${shape.map((dim) => dim ?? '?').join(', ')}]`;
  return `${at}: ${type}${dims}${optional ? ', has a default' : ''}`;
}

function diffOperators(a: Inspection, b: Inspection): ModelDiff['operators'] {
  const counts = ({ operators }: Inspection): Map<string, number> =>
    new Map(operators.map(({ domain, op, count }) => [domain === 'ai.onnx' ? op : `${domain}.${op}`, count]));
  const [left, right] = [counts(a), counts(b)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .map((operator) => ({ operator, a: left.get(operator) ?? 0, b: right.get(operator) ?? 0 }))
    .filter((row) => row.a !== row.b)
    .sort((x, y) => Math.abs(y.a - y.b) - Math.abs(x.a - x.b) || (x.operator < y.operator ? -1 : 1));
}

async function run(a: string, b: string, { data, seed = 0 }: DiffOptions): Promise<AnswerDiff> {
  const sessions: Session[] = [];
  try {
    for (const path of [a, b]) sessions.push(await openOrtSession(path, { optimization: 'disabled' }));
    const [left, right] = sessions as [Session, Session];
    const dataset =
      data === undefined
        ? synthesizeDataset(left.inputs, { seed, samples: SAMPLES })
        : await openDataset(data, { inputs: left.inputs, outputs: left.outputs });
    return await diffAnswers(left, right, dataset, SAMPLES);
  } catch (error) {
    // A model that the runtime refuses can still be compared by what is in it; data that was asked for has to be there.
    if (!(error instanceof ModelpressError) || (data !== undefined && error.code.startsWith('data-'))) throw error;
    return { data: data ?? '', samples: 0, outputs: [], reason: error.message };
  } finally {
    for (const session of sessions) await session.close();
  }
}

function sameAnswers(answers: AnswerDiff | null): boolean {
  return answers === null || (answers.reason === null && answers.outputs.every((row) => row.maxRelativeError === 0));
}

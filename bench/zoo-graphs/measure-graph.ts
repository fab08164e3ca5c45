import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PASSES } from '../../passes/index.ts';
import { joinChunks } from '../../src/bytes/byte-source.ts';
import { CLEAN, SLIM } from '../../src/compile/presets.ts';
import { openModelFile } from '../../src/files/open-model-file.ts';
import { saveModelFile } from '../../src/files/save-model-file.ts';
import type { Model } from '../../src/ir/model.ts';
import { lostFusions, measureFusions } from '../../src/measure/measure-fusions.ts';
import { encodeModel } from '../../src/onnx/encode-model.ts';
import { runPipeline } from '../../src/pass/run-pipeline.ts';
import { nodeCount } from '../node-count.ts';
import { GRAPH_TOOLS, type GraphTool, type GraphToolName } from '../peers/graph-tool.ts';
import type { GraphRow, SimplifiedGraph, SimplifierName } from './graph-row.ts';
import { type GraphReference, graphReference, judgeGraph, messageOf } from './judge-graph.ts';
import { simplifyByRuntime } from './simplify-by-runtime.ts';

/**
 * Optimizes a model as every model is, without the check that would take a fault back, and has the peers do the same
 * one after the other.
 *
 * @param testData a folder with `input_<i>.pb`.
 * @param work a folder for what is written.
 */
export async function measureGraph(
  name: string,
  path: string,
  testData: string,
  work: string,
  peers: ReadonlyMap<GraphToolName, GraphTool> = new Map(),
): Promise<GraphRow> {
  const reference = await graphReference(path, testData);
  const source = await openModelFile(path);
  const nodesBefore = nodeCount(source);
  // In one file, because what the runtime writes refers to data beside the model that it read.
  const whole = join(work, 'source.onnx');
  await saveModelFile(source, whole);
  const tools: Partial<Record<SimplifierName, SimplifiedGraph>> = {};
  const own = join(work, 'modelpress.onnx');
  const seconds = await simplify(path, own);
  const again = join(work, 'again.onnx');
  await simplify(path, again);
  tools.modelpress = await judgeGraph(reference, own, seconds);
  if (peers.size > 0) {
    tools['onnxruntime-basic'] = await simplifiedByRuntime(whole, reference, join(work, 'onnxruntime-basic.onnx'));
  }
  for (const tool of GRAPH_TOOLS) {
    const peer = peers.get(tool);
    if (peer !== undefined) tools[tool] = await simplifyByPeer(peer, reference, join(work, `${tool}.onnx`));
  }
  const bytesBefore = modelFilesSize(path);
  const { fusions, lost } = await fusionsOf(source, await openModelFile(own), work);
  const faults = await ownFaults(own, again, { nodes: nodesBefore, bytes: bytesBefore });
  return { name, nodesBefore, bytesBefore, tools, fusions, faults: [...faults, ...lost] };
}

/** Times the tools of this process once more, when all models have been through them and their code is warm. */
export async function measureWarm(row: GraphRow, path: string, work: string): Promise<GraphRow> {
  const { modelpress, 'onnxruntime-basic': basic } = row.tools;
  const whole = join(work, 'source.onnx');
  await saveModelFile(await openModelFile(path), whole);
  const warmSeconds = await simplify(path, join(work, 'warm.onnx'));
  const tools = { ...row.tools, ...(modelpress && { modelpress: { ...modelpress, warmSeconds } }) };
  if (basic?.seconds === undefined) return { ...row, tools };
  const basicSeconds = await simplifyByRuntime(whole, join(work, 'warm.onnx'));
  return { ...row, tools: { ...tools, 'onnxruntime-basic': { ...basic, warmSeconds: basicSeconds } } };
}

/**
 * From file to file, as the library does it; returns seconds. The file is written as the peers write theirs, without
 * waiting for the disk.
 */
async function simplify(path: string, output: string): Promise<number> {
  const start = performance.now();
  const model = await openModelFile(path);
  clean(model);
  runPipeline(model, SLIM, { passes: PASSES });
  writeFileSync(output, joinChunks(encodeModel(model, { debugInfo: false }).chunks));
  return (performance.now() - start) / 1000;
}

async function simplifiedByRuntime(
  source: string,
  reference: GraphReference,
  output: string,
): Promise<SimplifiedGraph> {
  try {
    return await judgeGraph(reference, output, await simplifyByRuntime(source, output));
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

async function simplifyByPeer(peer: GraphTool, reference: GraphReference, output: string): Promise<SimplifiedGraph> {
  const outcome = await peer.simplify(reference.path, output);
  return outcome.kind === 'failed' ? { fault: outcome.failure } : judgeGraph(reference, output, outcome.seconds);
}

/** What ONNX Runtime fuses in the source and in the result, and what is lost of it in words. */
async function fusionsOf(
  source: Model,
  result: Model,
  work: string,
): Promise<{ readonly fusions: GraphRow['fusions']; readonly lost: readonly string[] }> {
  const workFile = join(work, 'fusions.onnx');
  const before = await measureFusions(source, workFile);
  const after = await measureFusions(result, workFile);
  if (before === null || after === null) return { fusions: {}, lost: ['the fusions of the runtime were not counted'] };
  const operators = [...new Set([before, after].flatMap((census) => Object.keys(census.operators)))].sort();
  const counts = operators.map((op) => [op, { before: before.operators[op] ?? 0, after: after.operators[op] ?? 0 }]);
  const lost = Object.entries(lostFusions(before, after)).map(([op, count]) => `${count} ${op} lost`);
  return { fusions: Object.fromEntries(counts), lost };
}

/** A larger graph or file, other bytes when done twice, more to do when done again. */
async function ownFaults(
  result: string,
  again: string,
  before: { readonly nodes: number; readonly bytes: number },
): Promise<string[]> {
  const faults: string[] = [];
  if (statSync(result).size > before.bytes) faults.push('larger');
  if (nodeCount(await openModelFile(result)) > before.nodes) faults.push('more nodes');
  if (Buffer.compare(readFileSync(again), readFileSync(result)) !== 0) faults.push('other bytes the second time');
  await simplify(result, again);
  if (Buffer.compare(readFileSync(again), readFileSync(result)) !== 0) faults.push('changes when optimized again');
  return faults;
}

function clean(model: Model): void {
  runPipeline(model, CLEAN, { passes: PASSES, onFailure: 'throw' });
}

/** The model with its data files, which lie beside it. */
function modelFilesSize(path: string): number {
  const folder = dirname(path);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.txt'))
    .reduce((sum, entry) => sum + statSync(join(folder, entry.name)).size, 0);
}

import { zooTestData } from '../../test/zoo.ts';
import { findPython, type PeerVersions } from '../peers/find-python.ts';
import { GRAPH_TOOLS, GraphTool, type GraphToolName } from '../peers/graph-tool.ts';
import type { Suite } from '../suite.ts';
import { chosenNames, zooMissing, zooModelFile, zooModels } from '../zoo/zoo-folder.ts';
import type { GraphRow } from './graph-row.ts';
import { renderGraphs } from './graph-table.ts';
import { measureGraph, measureWarm } from './measure-graph.ts';

/** A tool that takes longer on one model counts as failed. */
const TIME_LIMIT_MS = 120_000;

/** The models of the zoo before and after the passes that every model goes through, beside other graph optimizers. */
export const zooGraphs: Suite = {
  name: 'zoo-graphs',
  summary: 'Nodes without Constant, bytes, time and failures of graph optimizers on the models of the zoo',
  async run({ names, work, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const { peers, versions } = await startPeers(say);
    try {
      const rows: GraphRow[] = [];
      for (const name of chosenNames(zooModels(), names)) {
        say(name);
        rows.push(await measureGraph(name, zooModelFile(name), zooTestData(name)[0]!, work, peers));
      }
      say('once more');
      for (const [index, row] of rows.entries()) rows[index] = await measureWarm(row, zooModelFile(row.name), work);
      const failed = rows
        .filter(({ faults, tools }) => faults.length > 0 || tools.modelpress?.fault !== null)
        .map(({ name }) => name);
      return { kind: 'measured', rows, failed, peer: versions, markdown: renderGraphs(rows) };
    } finally {
      for (const peer of peers.values()) peer.stop();
    }
  },
};

/** Starts each peer that is installed. */
async function startPeers(
  say: (line: string) => void,
): Promise<{ readonly peers: ReadonlyMap<GraphToolName, GraphTool>; readonly versions: PeerVersions | null }> {
  const peers = new Map<GraphToolName, GraphTool>();
  const versions: Record<string, string> = {};
  const python = await findPython();
  if (python.kind === 'missing') {
    say(`no peers: ${python.reason}`);
    return { peers, versions: null };
  }
  for (const name of GRAPH_TOOLS) {
    const tool = new GraphTool(python.command, name, { timeLimitMs: TIME_LIMIT_MS });
    const found = await tool.start();
    if (found === undefined) {
      tool.stop();
      say(`${name} is not installed`);
      continue;
    }
    peers.set(name, tool);
    Object.assign(versions, found);
  }
  return { peers, versions };
}

import { join } from 'node:path';
import { zooTestData } from '../../test/zoo.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import type { Suite } from '../suite.ts';
import { chosenNames, zooMissing, zooModelFile, zooModels } from '../zoo/zoo-folder.ts';
import { type GraphRow, measureGraph } from './measure-graph.ts';

const COLUMNS: readonly Column<GraphRow>[] = [
  { heading: 'model', align: 'left', text: ({ name }) => name },
  { heading: 'nodes before', text: ({ nodesBefore }) => String(nodesBefore) },
  { heading: 'nodes after', text: ({ nodesAfter }) => String(nodesAfter) },
  { heading: 'bytes before', text: ({ bytesBefore }) => String(bytesBefore) },
  { heading: 'bytes after', text: ({ bytesAfter }) => String(bytesAfter) },
  { heading: 'passes, ms', text: ({ milliseconds }) => milliseconds.toFixed(0) },
  { heading: 'faults', align: 'left', text: (row) => faultsOf(row).join('; ') },
];

/** The models of the zoo before and after the passes that every model goes through. */
export const zooGraphs: Suite = {
  name: 'zoo-graphs',
  summary: 'Nodes without Constant, bytes, time and equality of the models of the zoo after graph optimization',
  async run({ names, work, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const rows: GraphRow[] = [];
    for (const name of chosenNames(zooModels(), names)) {
      say(name);
      rows.push(await measureGraph(name, zooModelFile(name), zooTestData(name)[0]!, join(work, 'model.onnx')));
    }
    const sum = (of: (row: GraphRow) => number): number => rows.reduce((total, row) => total + of(row), 0);
    const total = `${rows.length} models: ${sum((row) => row.nodesBefore)} nodes became ${sum((row) => row.nodesAfter)}.`;
    const failed = rows.filter((row) => faultsOf(row).length > 0).map(({ name }) => name);
    return { kind: 'measured', rows, failed, peer: null, markdown: `${markdownTable(COLUMNS, rows)}\n\n${total}` };
  },
};

function faultsOf(row: GraphRow): string[] {
  return [
    ...row.differences,
    ...row.fusionsLost,
    ...(row.bytesAfter > row.bytesBefore ? ['larger'] : []),
    ...(row.settled ? [] : ['changes when optimized again']),
    ...(row.repeatable ? [] : ['other bytes the second time']),
  ];
}

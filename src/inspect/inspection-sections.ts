import type { TextTable } from '../report/comparison-table.ts';
import { formatBytes, formatCount, formatShare } from '../report/format-figures.ts';
import type { InspectedPort, Inspection } from './inspection.ts';

/** One part of an inspection as any renderer shows it. */
export interface InspectionSection {
  readonly title: string;
  readonly table: TextTable;
  /** A line below the table. */
  readonly remark?: string;
}

/** The facts of an inspection by section, in the order in which they are shown; empty ones are left out. */
export function inspectionSections(inspection: Inspection): readonly InspectionSection[] {
  const { weights, compute, dynamicDimensions, operators } = inspection;
  const sections: readonly InspectionSection[] = [
    { title: 'Model', table: overview(inspection) },
    { title: 'Inputs and outputs', table: ports(inspection) },
    {
      title: 'Dynamic dimensions',
      table: {
        head: ['dimension', 'counted as', 'where'],
        rows: dynamicDimensions.map(({ symbol, size, given, at }) => [
          symbol,
          `${size}${given ? '' : ' (say --bind for another)'}`,
          at.join(', '),
        ]),
      },
    },
    {
      title: 'Operators',
      table: {
        head: ['operator', 'nodes'],
        rows: operators.map(({ domain, op, count }) => [domain === 'ai.onnx' ? op : `${domain}.${op}`, String(count)]),
      },
    },
    {
      title: 'Weights',
      table: {
        head: ['type', 'tensors', 'size'],
        rows: weights.byType.map(({ type, tensors, bytes }) => [type, String(tensors), formatBytes(bytes)]),
      },
    },
    {
      title: 'Largest layers',
      table: {
        head: ['node', 'operator', 'multiply-accumulates', 'share'],
        rows: compute.largest.map(({ node, op, macs }) => [
          node,
          op,
          formatCount(macs),
          formatShare(macs / compute.macs, 1),
        ]),
      },
    },
    ...int8Sections(inspection),
    ...deviceSections(inspection),
  ];
  return sections.filter(({ table, remark }) => table.rows.length > 0 || remark !== undefined);
}

function overview({
  files,
  producer,
  opset,
  irVersion,
  modelVersion,
  nodes,
  functions,
  weights,
  compute,
  activations,
}: Inspection): TextTable {
  const opsets = Object.entries(opset).map(([domain, version]) => `${domain} ${version}`);
  const partly = (unknown: number, what: string): string => (unknown === 0 ? '' : `, and ${unknown} ${what}`);
  const rows: readonly (readonly [string, string])[] = [
    ['file', files === null ? '' : `${files.paths.join(', ')} (${formatBytes(files.bytes)})`],
    ['producer', producer],
    ['opset', `${opsets.join(', ')}; IR version ${irVersion}`],
    ['model version', modelVersion === '0' ? '' : modelVersion],
    ['nodes', `${nodes}${functions === 0 ? '' : `, and ${functions} local functions`}`],
    ['parameters', `${formatCount(weights.parameters)} in ${formatBytes(weights.bytes)}`],
    [
      'multiply-accumulates',
      `${formatCount(compute.macs)}${partly(compute.unknownNodes, 'nodes whose cost is not known')}`,
    ],
    [
      'activations',
      `${formatBytes(activations.peakBytes)} at most at once, ${formatBytes(activations.totalBytes)} in all${partly(activations.unknownValues, 'values of unknown size')}`,
    ],
  ];
  return { head: ['', ''], rows: rows.filter(([, text]) => text !== '') };
}

function ports({ inputs, outputs }: Inspection): TextTable {
  const row = (side: string, port: InspectedPort): string[] => [
    side,
    port.name,
    `${port.type}${port.shape === null ? '' : `[${port.shape.map((dim) => dim ?? '?').join(', ')}]`}`,
    port.optional ? 'has a default' : '',
  ];
  return {
    head: ['', 'name', 'type', ''],
    rows: [...inputs.map((port) => row('input', port)), ...outputs.map((port) => row('output', port))],
  };
}

function int8Sections({ int8 }: Inspection): InspectionSection[] {
  const { quantized, macShare, kept, skipped } = int8;
  if (skipped !== null) {
    return [{ title: 'int8', table: { head: [], rows: [] }, remark: `Would not be quantized: ${skipped}.` }];
  }
  const share = macShare === null ? '' : ` with ${formatShare(macShare, 1)} of the multiply-accumulates`;
  const counts = Object.entries(quantized).map(([op, count]) => `${count} ${op}`);
  return [
    {
      title: 'int8',
      table: {
        head: ['would stay in floating point', 'operator', 'why'],
        rows: kept.map(({ node, op, reason }) => [node, op, reason]),
      },
      remark: `Would run in 8 bits${share}: ${counts.join(', ')}.`,
    },
  ];
}

function deviceSections({ device }: Inspection): InspectionSection[] {
  if (device === null) return [];
  const { operators, refused } = device;
  const unknown = operators.filter(({ known }) => !known).map(({ operator, nodes }) => `${nodes} ${operator}`);
  const nodes = operators.reduce((sum, row) => sum + row.nodes, 0);
  return [
    {
      title: 'device',
      table: {
        head: ['stands in the way', 'code', 'why', 'next'],
        rows: refused.map(({ at, code, message, hint }) => [at, code, message, hint]),
      },
      remark:
        refused.length === 0
          ? `All of the ${nodes} nodes that are left for fixed sizes have a form in TensorFlow Lite.`
          : `Would not be converted${unknown.length === 0 ? '' : `; operators without a form: ${unknown.join(', ')}`}.`,
    },
  ];
}

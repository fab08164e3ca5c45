import { formatBytes, formatRatio, formatShare } from '../../src/report/format-figures.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import type { PeerResult, QuantizationRow, ZooRow } from './quantization-row.ts';
import { brokenLimits } from './row-limits.ts';

type Estimate = QuantizationRow['speedup'];
type Target = QuantizationRow['targets'][number];

const NONE = '-';

const share = (value: number | null, digits = 1): string => (value === null ? NONE : formatShare(value, digits));
const points = (value: number): string => (100 * value).toFixed(2);
const seconds = (value: number): string => value.toFixed(1);
const memory = (value: number | null): string => (value === null ? NONE : formatBytes(value));

/** A drop in percentage points with its interval. */
function dropText({ value, low, high }: Estimate, unit: string): string {
  if (value === null) return NONE;
  const figure = unit === 'fraction' ? points : (one: number): string => one.toPrecision(3);
  return low === null || high === null ? figure(value) : `${figure(value)} [${figure(low)}, ${figure(high)}]`;
}

function speedText({ value, low, high }: Estimate): string {
  if (value === null) return NONE;
  return low === null || high === null
    ? formatRatio(value)
    : `${formatRatio(value)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
}

const server = ({ targets }: QuantizationRow): Target =>
  targets.find(({ target }) => target === 'server') ?? targets[0]!;

/** A column of the peer's figures; dashes where it was not there or failed. */
function peerColumn(
  heading: string,
  text: (peer: PeerResult & { kind: 'done' }, row: QuantizationRow) => string,
): Column<QuantizationRow> {
  return { heading, text: (row) => (row.peer?.kind === 'done' ? text(row.peer, row) : NONE) };
}

const MODEL: Column<QuantizationRow> = { heading: 'model', align: 'left', text: ({ model }) => model };
const DROP: Column<QuantizationRow> = {
  heading: 'drop, points [95%]',
  text: (row) => dropText(server(row).drop, row.unit),
};

/** The columns of the project's own README: one line per model, the peer beside. */
export const README_COLUMNS: readonly Column<QuantizationRow>[] = [
  MODEL,
  { heading: 'n', text: ({ validationSamples }) => String(validationSamples) },
  { heading: 'fp32', text: ({ source }) => share(source.accuracy.value, 2) },
  DROP,
  { heading: 'size', text: (row) => server(row).sizeRatio.toFixed(2) },
  { heading: 'speed [95%]', text: ({ speedup }) => speedText(speedup) },
  { heading: 'MACs in int8', text: (row) => share(server(row).coverage) },
  peerColumn('peer: drop', ({ drop }, { unit }) => dropText({ ...drop, low: null, high: null }, unit)),
  peerColumn('peer: size', ({ sizeRatio }) => sizeRatio.toFixed(2)),
  peerColumn('peer: speed', ({ speedup }) => speedText({ ...speedup, low: null })),
];

const ACCURACY_COLUMNS: readonly Column<QuantizationRow>[] = [
  MODEL,
  { heading: 'data', align: 'left', text: ({ data }) => data },
  { heading: 'calibrated on', text: ({ calibrationSamples }) => String(calibrationSamples) },
  { heading: 'n', text: ({ validationSamples }) => String(validationSamples) },
  { heading: 'metric', align: 'left', text: ({ metric }) => metric },
  { heading: 'fp32', text: ({ source }) => share(source.accuracy.value, 2) },
  { heading: 'int8', text: (row) => share(server(row).accuracy.value, 2) },
  DROP,
  { heading: 'SQNR, dB', text: (row) => server(row).sqnr?.toFixed(1) ?? NONE },
  peerColumn('peer: int8', ({ accuracy }) => share(accuracy.value, 2)),
  peerColumn('peer: drop', ({ drop }, { unit }) => dropText(drop, unit)),
  peerColumn('peer: SQNR', ({ sqnr }) => sqnr?.toFixed(1) ?? NONE),
];

const SPEED_COLUMNS: readonly Column<QuantizationRow>[] = [
  MODEL,
  { heading: 'fp32 size', text: ({ source }) => formatBytes(source.bytes) },
  { heading: 'size', text: (row) => server(row).sizeRatio.toFixed(3) },
  { heading: 'brotli', text: (row) => server(row).brotliRatio.toFixed(3) },
  { heading: 'fp32 ms', text: ({ source }) => source.latency.value?.toPrecision(3) ?? NONE },
  { heading: 'speed [95%]', text: ({ speedup }) => speedText(speedup) },
  { heading: 'MACs in int8', text: (row) => share(server(row).coverage) },
  peerColumn('peer: size', ({ sizeRatio }) => sizeRatio.toFixed(3)),
  peerColumn('peer: brotli', ({ brotliRatio }) => brotliRatio.toFixed(3)),
  peerColumn('peer: speed [95%]', ({ speedup }) => speedText(speedup)),
  peerColumn('peer: MACs in int8', ({ coverage }) => share(coverage)),
];

const COST_COLUMNS: readonly Column<QuantizationRow>[] = [
  MODEL,
  { heading: 'optimize, s', text: ({ optimize }) => seconds(optimize.seconds) },
  { heading: 'peak', text: ({ optimize }) => memory(optimize.peakBytes) },
  { heading: 'quantize only, s', text: ({ quantizeOnly }) => seconds(quantizeOnly.seconds) },
  { heading: 'peak', text: ({ quantizeOnly }) => memory(quantizeOnly.peakBytes) },
  peerColumn('peer, s', (peer) => seconds(peer.seconds)),
  peerColumn('peer: peak', ({ peakBytes }) => memory(peakBytes)),
];

/** One line per artifact beyond the server's ONNX file: the same model in other forms and runtimes. */
const TARGET_COLUMNS: readonly Column<readonly [QuantizationRow, Target]>[] = [
  { heading: 'model', align: 'left', text: ([{ model }]) => model },
  { heading: 'artifact', align: 'left', text: ([, { name }]) => name },
  { heading: 'precision', align: 'left', text: ([, { precision }]) => precision },
  { heading: 'accuracy', text: ([, { accuracy }]) => share(accuracy.value, 2) },
  { heading: 'drop, points [95%]', text: ([{ unit }, { drop }]) => dropText(drop, unit) },
  { heading: 'SQNR, dB', text: ([, { sqnr }]) => sqnr?.toFixed(1) ?? NONE },
  { heading: 'size', text: ([, { sizeRatio }]) => sizeRatio.toFixed(3) },
  { heading: 'brotli', text: ([, { brotliRatio }]) => brotliRatio.toFixed(3) },
];

/** All that was measured, as Markdown: accuracy, size and speed, cost, other artifacts, and what did not come off. */
export function renderZooRows(rows: readonly ZooRow[]): string {
  const measured = rows.filter((row) => 'source' in row);
  const broken = rows.flatMap((row) => ('error' in row ? [`- ${row.model}: ${row.error}`] : []));
  const limits = measured.flatMap((row) => brokenLimits(row).map((text) => `- ${row.model}: ${text}`));
  const skipped = measured.flatMap(({ model, skipped }) => (skipped === null ? [] : [`- ${model}: ${skipped}`]));
  const peerNotes = measured.flatMap(({ model, peer }) => {
    if (peer === null) return [];
    return peer.kind === 'failed'
      ? [`- ${model}: failed: ${peer.failure}`]
      : peer.notes.map((text) => `- ${model}: ${text}`);
  });
  const failed = measured.flatMap((row) =>
    row.failedTargets.map(({ target, error }) => `- ${row.model}: ${target}: ${error}`),
  );
  const others = measured.flatMap((row) =>
    row.targets.filter((target) => target !== server(row)).map((target) => [row, target] as const),
  );
  return [
    ['## Accuracy', markdownTable(ACCURACY_COLUMNS, measured)],
    ['## Size and speed', markdownTable(SPEED_COLUMNS, measured)],
    ['## What it costs to make', markdownTable(COST_COLUMNS, measured)],
    ...(others.length > 0 ? [['## Other artifacts', markdownTable(TARGET_COLUMNS, others)]] : []),
    ['## Targets without an artifact', list(failed)],
    ['## Limits not kept', list(limits)],
    ['## Not quantized', list(skipped)],
    ['## Not measured', list(broken)],
    ['## What the peer did otherwise', list(peerNotes)],
  ]
    .map((section) => section.join('\n\n'))
    .join('\n\n');
}

function list(lines: readonly string[]): string {
  return lines.length === 0 ? 'None.' : lines.join('\n');
}

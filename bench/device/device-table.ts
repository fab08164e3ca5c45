import { MIN_SQNR_DB } from '../../src/quantize/min-sqnr.ts';
import { formatShare } from '../../src/report/format-figures.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import { agreesInFloat, agreesInInt8, type DeviceRow, MAX_DIFFERENCE } from './device-row.ts';

const NONE = '–';

const COLUMNS: readonly Column<DeviceRow>[] = [
  { heading: 'model', align: 'left', text: ({ model }) => model },
  { heading: 'difference', text: ({ float }) => (float === null ? NONE : float.difference.toExponential(0)) },
  { heading: 'moves', text: ({ float }) => (float === null ? NONE : String(float.transposes)) },
  { heading: 'float kB', text: ({ float }) => kilobytes(float?.bytes) },
  { heading: 'int8 kB', text: ({ int8 }) => kilobytes(int8?.bytes) },
  { heading: 'SQNR, dB', text: ({ int8 }) => int8?.sqnr?.toFixed(1) ?? NONE },
  { heading: 'drop', text: ({ int8 }) => dropText(int8?.accuracy ?? null) },
  { heading: 'data', align: 'left', text: ({ int8 }) => (int8 === null ? NONE : dataText(int8)) },
  { heading: 'level', align: 'left', text: ({ int8 }) => int8?.level ?? NONE },
  { heading: 'operators', text: ({ int8 }) => share(int8?.operatorShare) },
  { heading: 'MACs', text: ({ int8 }) => share(int8?.macShare) },
  { heading: 'float ms', text: ({ latency }) => milliseconds(latency?.float) },
  { heading: 'int8 ms', text: ({ latency }) => milliseconds(latency?.int8) },
  { heading: 'reason', align: 'left', text: ({ refused }) => refused?.code ?? '' },
];

/** The table with its totals, and the reasons in full. */
export function renderDeviceRows(rows: readonly DeviceRow[], leftOut: readonly string[]): string {
  const count = (holds: (row: DeviceRow) => boolean): string => {
    const number = rows.filter(holds).length;
    return `${number} of ${rows.length} (${rows.length === 0 ? NONE : formatShare(number / rows.length, 0)})`;
  };
  const whole = (row: DeviceRow): boolean => agreesInInt8(row) && row.int8?.level === 'all-operators';
  const mostly = (row: DeviceRow): boolean => agreesInInt8(row) && (row.int8?.macShare ?? 1) >= 0.9;
  const totals = [
    `- float32 agrees within ${MAX_DIFFERENCE}: ${count(agreesInFloat)}`,
    `- int8 reaches ${MIN_SQNR_DB} dB: ${count(agreesInInt8)}`,
    `- of these with every operator in integers that has an integer kernel: ${count(whole)}`,
    `- of these with 90% of the multiply-accumulates in integers: ${count(mostly)}`,
    `- int8 is faster than float32: ${count(({ latency }) => latency !== null && latency.int8 < latency.float)}`,
  ];
  const reasons = rows.flatMap(({ model, refused }) =>
    refused === null ? [] : [`- ${model}: \`${refused.code}\`, ${refused.message}`],
  );
  const out = leftOut.length === 0 ? [] : [`Not eligible (trees, strings, sequences, maps): ${leftOut.join(', ')}.`];
  return [
    markdownTable(COLUMNS, rows),
    totals.join('\n'),
    ...(reasons.length === 0 ? [] : [`Not converted, or not judged:\n\n${reasons.join('\n')}`]),
    ...out,
  ].join('\n\n');
}

function dropText(accuracy: NonNullable<DeviceRow['int8']>['accuracy']): string {
  if (accuracy === null || accuracy.drop === null) return NONE;
  return accuracy.unit === 'fraction' ? formatShare(accuracy.drop, 2) : accuracy.drop.toPrecision(3);
}

function dataText({ data, calibrated, judged, same }: NonNullable<DeviceRow['int8']>): string {
  return `${data}, ${calibrated} / ${judged}${same ? ' (the same)' : ''}`;
}

function share(value: number | null | undefined): string {
  return value == null ? NONE : formatShare(value, 0);
}

function kilobytes(bytes: number | undefined): string {
  return bytes === undefined ? NONE : (bytes / 1000).toFixed(0);
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? NONE : value.toFixed(2);
}

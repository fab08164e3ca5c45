import { type Column, markdownTable } from '../markdown-table.ts';
import type { RuntimesRow } from './time-runtimes.ts';
import type { TfjsFormRow } from './try-tfjs-form.ts';

const NONE = '-';
const milliseconds = (value: number | null): string => value?.toPrecision(3) ?? NONE;

const FORM_COLUMNS: readonly Column<TfjsFormRow>[] = [
  { heading: 'model', align: 'left', text: ({ model }) => model },
  { heading: 'in TensorFlow.js', align: 'left', text: ({ verdict }) => verdict },
  { heading: 'difference', text: ({ difference }) => difference?.toExponential(1) ?? NONE },
  { heading: 'reasons', align: 'left', text: ({ reasons }) => reasons.join('; ') },
];

const TIME_COLUMNS: readonly Column<RuntimesRow>[] = [
  { heading: 'model', align: 'left', text: ({ model }) => model },
  { heading: 'ONNX Runtime Web, ms', text: ({ onnxruntime }) => milliseconds(onnxruntime) },
  { heading: 'LiteRT, ms', text: ({ litert }) => milliseconds(litert) },
  { heading: 'TensorFlow.js, ms', text: ({ tfjs }) => milliseconds(tfjs) },
  { heading: 'LiteRT int8, ms', text: ({ litertInt8 }) => milliseconds(litertInt8) },
  { heading: 'int8 over ONNX Runtime Web', text: (row) => ratio(row.onnxruntime, row.litertInt8) },
];

/** The share of models with a TensorFlow.js form that agrees, why others have none, and the times in Chromium. */
export function renderBrowser(forms: readonly TfjsFormRow[], times: readonly RuntimesRow[]): string {
  const agreeing = forms.filter(({ verdict }) => verdict === 'agrees').length;
  const share = ((100 * agreeing) / Math.max(1, forms.length)).toFixed(1);
  const parts = [
    `${agreeing} of ${forms.length} models (${share}%) agree with their recorded outputs in TensorFlow.js.`,
    markdownTable(FORM_COLUMNS, forms),
    `## Latency in ${times[0]?.browser ?? 'Chromium'}`,
    times.length === 0 ? 'Not measured.' : markdownTable(TIME_COLUMNS, times),
    ...times.flatMap(({ model, failures }) => failures.map((text) => `- ${model}: ${text}`)),
  ];
  return parts.join('\n\n');
}

function ratio(from: number | null, to: number | null): string {
  return from === null || to === null ? NONE : `${(from / to).toFixed(2)}x`;
}

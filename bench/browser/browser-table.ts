import type { BrowserRuntime } from '../../src/targets/browser/runtime-files.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import { type OfferedForm, type OfferRow, RUNTIMES } from './offer-forms.ts';
import type { TfjsFormRow } from './try-tfjs-form.ts';

const NONE = '-';
const milliseconds = (value: number | null | undefined): string => value?.toPrecision(3) ?? NONE;

const FORM_COLUMNS: readonly Column<TfjsFormRow>[] = [
  { heading: 'model', align: 'left', text: ({ model }) => model },
  { heading: 'in TensorFlow.js', align: 'left', text: ({ verdict }) => verdict },
  { heading: 'difference', text: ({ difference }) => difference?.toExponential(1) ?? NONE },
  { heading: 'reasons', align: 'left', text: ({ reasons }) => reasons.join('; ') },
];

/** How the runtimes are called in headings. */
const NAMES: Readonly<Record<BrowserRuntime, string>> = {
  'onnxruntime-web': 'ONNX Runtime Web',
  litert: 'LiteRT',
  tfjs: 'TensorFlow.js',
};

const OFFER_COLUMNS: readonly Column<OfferRow>[] = [
  { heading: 'model', align: 'left', text: ({ model }) => model },
  ...RUNTIMES.flatMap((runtime): Column<OfferRow>[] => [
    { heading: `${NAMES[runtime]}, ms`, text: (row) => milliseconds(floatForm(row, runtime)?.latency) },
    { heading: 'download', text: (row) => megabytes(floatForm(row, runtime)) },
  ]),
  { heading: 'LiteRT int8, ms', text: (row) => milliseconds(int8Form(row)?.latency) },
  { heading: 'download', text: (row) => megabytes(int8Form(row)) },
  { heading: 'SQNR, dB', text: (row) => int8Form(row)?.sqnr?.toFixed(1) ?? NONE },
  { heading: 'int8 over ONNX Runtime Web', text: (row) => ratio(floatForm(row, 'onnxruntime-web'), int8Form(row)) },
  { heading: 'default', align: 'left', text: ({ forms: [first] }) => (first ? described(first) : NONE) },
];

/** The share of models with a TensorFlow.js form that agrees, why others have none, and what artifacts offer in Chromium. */
export function renderBrowser(forms: readonly TfjsFormRow[], offers: readonly OfferRow[]): string {
  const agreeing = forms.filter(({ verdict }) => verdict === 'agrees').length;
  const parts = [
    `${share(agreeing, forms.length)} agree with their recorded outputs in TensorFlow.js.`,
    markdownTable(FORM_COLUMNS, forms),
    `## In ${offers.find(({ browser }) => browser !== null)?.browser ?? 'Chromium'}`,
    ...(offers.length === 0 ? ['Not measured.'] : offered(offers)),
  ];
  return parts.join('\n\n');
}

function offered(offers: readonly OfferRow[]): string[] {
  const shares = RUNTIMES.map((runtime) => {
    const count = offers.filter((row) => row.forms.some((form) => form.runtime === runtime)).length;
    return `${share(count, offers.length)} agree in ${NAMES[runtime]}.`;
  });
  const reasons = offers.flatMap(({ model, missing }) =>
    Object.entries(missing).map(([runtime, reason]) => `- ${model} in ${NAMES[runtime as BrowserRuntime]}: ${reason}`),
  );
  return [shares.join(' '), markdownTable(OFFER_COLUMNS, offers), reasons.join('\n')].filter((part) => part !== '');
}

/** The form that computes as the source does. */
function floatForm({ forms }: OfferRow, runtime: BrowserRuntime): OfferedForm | undefined {
  return forms.find((form) => form.runtime === runtime && /^(?:float32|as given)$/.test(form.precision));
}

function int8Form({ forms }: OfferRow): OfferedForm | undefined {
  return forms.find(({ runtime, precision }) => runtime === 'litert' && precision.startsWith('int8'));
}

function described({ precision, runtime }: OfferedForm): string {
  return `${precision} in ${NAMES[runtime]}`;
}

function megabytes(form: OfferedForm | undefined): string {
  return form === undefined ? NONE : `${(form.download / 1e6).toFixed(1)} MB`;
}

function ratio(from: OfferedForm | undefined, to: OfferedForm | undefined): string {
  return from?.latency && to?.latency ? `${(from.latency / to.latency).toFixed(2)}x` : NONE;
}

function share(count: number, of: number): string {
  return `${count} of ${of} models (${((100 * count) / Math.max(1, of)).toFixed(1)}%)`;
}

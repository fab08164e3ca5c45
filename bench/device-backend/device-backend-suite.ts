import { LiteRtHost } from '../../src/runtime/litert-host.ts';
import { backendCases } from '../../test/zoo.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import type { Suite } from '../suite.ts';
import { zooMissing } from '../zoo/zoo-folder.ts';
import { type DeviceVerdict, runDeviceCase } from './run-device-case.ts';

/** What became of a group of cases. */
interface DeviceBackendRow {
  readonly group: string;
  readonly cases: number;
  readonly verdicts: Readonly<Record<DeviceVerdict['kind'], number>>;
  /** Every case that is not equal, with its reason. */
  readonly others: readonly { readonly name: string; readonly kind: string; readonly reason: string }[];
}

const COLUMNS: readonly Column<DeviceBackendRow>[] = [
  { heading: 'cases', align: 'left', text: ({ group }) => group },
  { heading: 'number', text: ({ cases }) => String(cases) },
  { heading: 'lowered and equal', text: ({ verdicts }) => String(verdicts.equal) },
  { heading: 'share', text: ({ verdicts, cases }) => `${((100 * verdicts.equal) / Math.max(1, cases)).toFixed(1)}%` },
  { heading: 'refused', text: ({ verdicts }) => String(verdicts.refused) },
  { heading: 'wrong', text: ({ verdicts }) => String(verdicts.wrong) },
];

/** Every case of the ONNX backend suite as a TensorFlow Lite model in LiteRT. */
export const deviceBackendSuite: Suite = {
  name: 'device-backend',
  summary: 'The ONNX backend suite lowered to TensorFlow Lite and run in LiteRT, against what the suite expects',
  async run({ names, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const cases = backendCases().filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
    say(`${cases.length} cases`);
    const results: { readonly name: string; readonly verdict: DeviceVerdict }[] = [];
    const host = new LiteRtHost();
    try {
      for (const one of cases) results.push({ name: one.name, verdict: await runDeviceCase(one, host) });
    } finally {
      await host.close();
    }
    const rows = [
      rowOf('static sizes, float32', results, ({ staticFloat }) => staticFloat),
      rowOf('all others', results, ({ staticFloat }) => !staticFloat),
    ];
    const failed = results.filter(({ verdict }) => verdict.kind === 'wrong').map(({ name }) => name);
    return {
      kind: 'measured',
      rows,
      failed,
      peer: null,
      markdown: `${markdownTable(COLUMNS, rows)}\n\n${refusals(results.map(({ verdict }) => verdict))}`,
    };
  },
};

function rowOf(
  group: string,
  results: readonly { readonly name: string; readonly verdict: DeviceVerdict }[],
  belongs: (verdict: DeviceVerdict) => boolean,
): DeviceBackendRow {
  const own = results.filter(({ verdict }) => belongs(verdict));
  const verdicts = { equal: 0, refused: 0, wrong: 0 };
  for (const { verdict } of own) verdicts[verdict.kind]++;
  const others = own.flatMap(({ name, verdict: { kind, reason } }) =>
    kind === 'equal' ? [] : [{ name, kind, reason }],
  );
  return { group, cases: own.length, verdicts, others };
}

/** How often each reason code refuses a case, by group. */
function refusals(verdicts: readonly DeviceVerdict[]): string {
  const counts = new Map<string, { staticFloat: number; others: number }>();
  for (const { kind, reason, staticFloat } of verdicts) {
    if (kind !== 'refused') continue;
    const row = counts.get(reason) ?? { staticFloat: 0, others: 0 };
    row[staticFloat ? 'staticFloat' : 'others']++;
    counts.set(reason, row);
  }
  const rows = [...counts].sort(([, a], [, b]) => b.staticFloat - a.staticFloat || b.others - a.others);
  return markdownTable(
    [
      { heading: 'refused with', align: 'left', text: ([code]) => `\`${code}\`` },
      { heading: 'static sizes, float32', text: ([, row]) => String(row.staticFloat) },
      { heading: 'all others', text: ([, row]) => String(row.others) },
    ],
    rows,
  );
}

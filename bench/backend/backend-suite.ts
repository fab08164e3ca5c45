import { backendCases } from '../../test/zoo.ts';
import { type Column, markdownTable } from '../markdown-table.ts';
import type { Suite } from '../suite.ts';
import { zooMissing } from '../zoo/zoo-folder.ts';
import { CASE_VARIANTS } from './case-variant.ts';
import { checkCase, type Verdict } from './check-case.ts';

/** What became of all cases in one form. */
interface BackendRow {
  readonly variant: string;
  readonly verdicts: Readonly<Record<Verdict['kind'], number>>;
  /** Nodes of the cases that agree. */
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  /** Every case that does not agree, with its reason. */
  readonly others: readonly { readonly name: string; readonly kind: Verdict['kind']; readonly reason: string }[];
}

const KINDS: readonly Verdict['kind'][] = ['agrees', 'loads', 'not-run', 'exception', 'unrunnable', 'wrong'];

const FAULTS: readonly Verdict['kind'][] = ['exception', 'unrunnable', 'wrong'];

const COLUMNS: readonly Column<BackendRow>[] = [
  { heading: 'form', align: 'left', text: ({ variant }) => variant },
  ...KINDS.map((kind): Column<BackendRow> => ({ heading: kind, text: ({ verdicts }) => String(verdicts[kind]) })),
  { heading: 'nodes before', text: ({ nodesBefore }) => String(nodesBefore) },
  { heading: 'nodes after', text: ({ nodesAfter }) => String(nodesAfter) },
];

/** Every case of the ONNX backend suite, in several forms, optimized and run beside its source. */
export const backendSuite: Suite = {
  name: 'backend',
  summary: 'The ONNX backend suite before and after optimization, in ONNX Runtime without its own optimizer',
  async run({ names, say }) {
    const missing = zooMissing();
    if (missing !== undefined) return { kind: 'skipped', reason: missing };
    const cases = backendCases().filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
    const rows: BackendRow[] = [];
    for (const [variant, form] of Object.entries(CASE_VARIANTS)) {
      say(`${variant}: ${cases.length} cases`);
      const verdicts = { agrees: 0, loads: 0, 'not-run': 0, exception: 0, unrunnable: 0, wrong: 0 };
      const others: BackendRow['others'][number][] = [];
      let nodesBefore = 0;
      let nodesAfter = 0;
      for (const one of cases) {
        const verdict = await checkCase(one, form);
        verdicts[verdict.kind]++;
        if (verdict.kind === 'agrees') {
          nodesBefore += verdict.nodesBefore;
          nodesAfter += verdict.nodesAfter;
        } else others.push({ name: one.name, kind: verdict.kind, reason: verdict.reason });
      }
      rows.push({ variant, verdicts, nodesBefore, nodesAfter, others });
    }
    const failed = rows.flatMap(({ others }) =>
      others.filter(({ kind }) => FAULTS.includes(kind)).map(({ name }) => name),
    );
    return {
      kind: 'measured',
      rows,
      failed,
      peer: null,
      markdown: `${markdownTable(COLUMNS, rows)}\n\n${onlyLoaded(rows)}`,
    };
  },
};

/** Which cases were loaded and not run, and why. */
function onlyLoaded(rows: readonly BackendRow[]): string {
  const found = rows[0]?.others.filter(({ kind }) => kind === 'loads') ?? [];
  return `Loaded only, because onnxruntime-node exchanges nothing but tensors: ${found.map(({ name }) => name).join(', ')}.`;
}

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { describeEnvironment, toolVersion } from '../src/compile/environment.ts';
import { BENCH_FOLDER } from './project-root.ts';
import type { Suite, SuiteOutcome } from './suite.ts';

/** What stands around the rows of a result file. */
const envelopeSchema = z.object({
  suite: z.string(),
  summary: z.string(),
  /** The day it was measured on, UTC. */
  date: z.string(),
  tool: z.object({ name: z.literal('modelpress'), version: z.string() }),
  environment: z.object({
    platform: z.string(),
    arch: z.string(),
    cpu: z.string(),
    cores: z.int(),
    node: z.string(),
    runtimes: z.record(z.string(), z.string()),
  }),
  /** Versions of the tool that was measured beside modelpress, by package. */
  peer: z.record(z.string(), z.string()).nullable(),
  seconds: z.number(),
  rows: z.array(z.unknown()),
});

export type Results = z.infer<typeof envelopeSchema>;

/**
 * Writes `<suite>.json` and `<suite>.md`: into the committed results where the suite was run as a whole, into `local/`
 * below them, which is not committed, where only some of its rows were.
 *
 * @returns the path of the Markdown file.
 */
export function writeResults(
  suite: Suite,
  outcome: SuiteOutcome & { kind: 'measured' },
  run: { readonly whole: boolean; readonly seconds: number },
): string {
  const folder = run.whole ? join(BENCH_FOLDER, 'results') : join(BENCH_FOLDER, 'results', 'local');
  mkdirSync(folder, { recursive: true });
  const results: Results = {
    suite: suite.name,
    summary: suite.summary,
    date: new Date().toISOString().slice(0, 10),
    tool: { name: 'modelpress', version: toolVersion() },
    environment: describeEnvironment(),
    peer: outcome.peer,
    seconds: Math.round(run.seconds),
    rows: [...outcome.rows],
  };
  writeFileSync(join(folder, `${suite.name}.json`), `${JSON.stringify(results, null, 2)}\n`);
  const path = join(folder, `${suite.name}.md`);
  writeFileSync(path, `# ${suite.name}\n\n${suite.summary}\n\n${describeRun(results)}\n\n${outcome.markdown}\n`);
  return path;
}

/** The committed results of a suite with its rows checked against their schema; undefined where there are none. */
export function readResults<Row>(
  suite: string,
  row: z.ZodType<Row>,
): (Omit<Results, 'rows'> & { rows: Row[] }) | undefined {
  const path = join(BENCH_FOLDER, 'results', `${suite}.json`);
  if (!existsSync(path)) return undefined;
  return envelopeSchema.extend({ rows: z.array(row) }).parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** When, where and with what a suite was measured, in one sentence. */
export function describeRun({ date, tool, environment, peer }: Omit<Results, 'rows'>): string {
  const versions = (packages: Readonly<Record<string, string>>): string =>
    Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ');
  const { cpu, cores, platform, arch, node, runtimes } = environment;
  const against = peer === null ? '' : `, beside ${versions(peer)}`;
  return `Measured ${date} with modelpress ${tool.version} (Node ${node}, ${versions(runtimes)})${against}; ${cpu}, ${cores} cores, ${platform} ${arch}.`;
}

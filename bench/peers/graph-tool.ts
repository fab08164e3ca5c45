import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { BENCH_FOLDER } from '../project-root.ts';
import type { PeerVersions } from './find-python.ts';

/** Graph optimizers of the Python world that `simplify_graph.py` drives. */
export const GRAPH_TOOLS = ['onnxslim', 'onnxsim', 'onnxscript'] as const;

export type GraphToolName = (typeof GRAPH_TOOLS)[number];

/** What a tool did with a model. */
export type GraphToolOutcome =
  | {
      readonly kind: 'done';
      /** From file to file, in a process that has loaded its packages. */
      readonly seconds: number;
      /** Of these, without reading and writing. */
      readonly workSeconds: number;
    }
  | { readonly kind: 'failed'; readonly failure: string };

const SCRIPT = join(BENCH_FOLDER, 'peers', 'simplify_graph.py');

const greetingSchema = z.object({ versions: z.record(z.string(), z.string()) });
const answerSchema = z.union([z.object({ seconds: z.number(), work: z.number() }), z.object({ failure: z.string() })]);

/** One tool in a process of its own, which is started again where a model has killed it. */
export class GraphTool {
  readonly #python: string;
  readonly #name: GraphToolName;
  readonly #timeLimitMs: number;
  #child: ChildProcessWithoutNullStreams | undefined;
  #lines: AsyncIterator<string> | undefined;

  constructor(python: string, name: GraphToolName, options: { readonly timeLimitMs: number }) {
    this.#python = python;
    this.#name = name;
    this.#timeLimitMs = options.timeLimitMs;
  }

  /** Starts the tool unless it runs; undefined where it is not installed. */
  async start(): Promise<PeerVersions | undefined> {
    this.stop();
    // A group of its own, so that what it started ends with it.
    const child = spawn(this.#python, [SCRIPT, this.#name], { detached: true });
    this.#child = child;
    child.on('error', () => {});
    child.stdin.on('error', () => {});
    child.stderr.resume();
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const line = await this.#nextLine();
    return typeof line === 'string' ? greetingSchema.parse(JSON.parse(line)).versions : undefined;
  }

  /** Simplifies the model in one file into another. */
  async simplify(model: string, output: string): Promise<GraphToolOutcome> {
    if (this.#child === undefined) await this.start();
    this.#child?.stdin.write(`${JSON.stringify({ model, output })}\n`);
    const line = await this.#nextLine();
    if (typeof line !== 'string') {
      this.stop();
      const failure = line.ended ? 'its process was killed' : `took more than ${this.#timeLimitMs / 1000} s`;
      return { kind: 'failed', failure };
    }
    const answer = answerSchema.parse(JSON.parse(line));
    if ('failure' in answer) return { kind: 'failed', failure: answer.failure };
    return { kind: 'done', seconds: answer.seconds, workSeconds: answer.work };
  }

  stop(): void {
    const pid = this.#child?.pid;
    this.#child = undefined;
    this.#lines = undefined;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  /** What the process answers next, or that it ended or said nothing in time. */
  async #nextLine(): Promise<string | { readonly ended: boolean }> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<{ ended: boolean }>((resolve) => {
      timer = setTimeout(() => resolve({ ended: false }), this.#timeLimitMs);
    });
    const next = this.#lines?.next().then((step) => (step.done === true ? { ended: true } : step.value));
    try {
      return await Promise.race([next ?? { ended: true }, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

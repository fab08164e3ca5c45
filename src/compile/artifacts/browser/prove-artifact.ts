import type { Feed } from '../../../data/dataset.ts';
import { type Diagnostic, note } from '../../../diagnostics/diagnostic.ts';
import { fail } from '../../../diagnostics/modelpress-error.ts';
import { findChromium } from '../../../runtime/chromium.ts';
import { runBrowserArtifact } from '../../../targets/browser/run-browser-artifact.ts';
import type { OpenedCandidate } from './open-candidates.ts';
import { faultOf } from './weigh-candidates.ts';

/** Longest that loading the finished folder or its prediction may take, in milliseconds. */
const PROOF_MS = 300_000;

/** How the finished folder did. */
export interface ArtifactProof {
  readonly detail: string;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs the finished folder as its users will, and compares what the default answers with what the model gives. Where there
 * is no Chromium, that is said instead.
 *
 * @throws ModelpressError `browser-answer-differs`, and those of `runBrowserArtifact`.
 */
export async function proveArtifact(folder: string, first: OpenedCandidate, feed: Feed): Promise<ArtifactProof> {
  if (findChromium() === undefined) {
    const told = note({
      code: 'browser-not-run',
      message:
        "there is no Chromium here: the browser artifact was run in the runtimes' wasm in Node, not in a browser",
      hint: 'Install Chromium, or name it with CHROME_PATH, and run again.',
    });
    return { detail: 'not run in a browser', diagnostics: [told] };
  }
  const { file } = first.form;
  const { browser, runs } = await runBrowserArtifact(folder, [feed], { warmup: 0, timeoutMs: PROOF_MS });
  const [run] = runs;
  const loaded = run?.ok === true ? run : undefined;
  const fault =
    loaded === undefined
      ? run?.ok === false
        ? run.message
        : 'no answer'
      : loaded.file !== file
        ? `it loaded ${loaded.file}: ${loaded.failures.map(({ message }) => message).join('; ')}`
        : faultOf(first, { failure: undefined, outputs: loaded.outputs });
  if (fault !== undefined || loaded === undefined) {
    return fail({
      code: 'browser-answer-differs',
      at: file,
      message: `the browser artifact does not answer in ${browser} as ${file} does in Node: ${fault}`,
      hint: 'This is a fault in modelpress. Report it with the model.',
    });
  }
  return {
    detail: `${browser}: ready in ${Math.round(loaded.loadMs)} ms, answered as the model does`,
    diagnostics: [],
  };
}

import { runProcess } from '../processes/run-process.ts';

/** Versions of the peer and of what it stands on, by package. */
export type PeerVersions = Readonly<Record<string, string>>;

/** A Python that has the packages of a peer, or why there is none. */
export type FoundPython =
  | { readonly kind: 'found'; readonly command: string; readonly versions: PeerVersions }
  | { readonly kind: 'missing'; readonly reason: string };

const PROBE = `
import json, platform, onnx, onnxruntime, numpy, onnxruntime.quantization
print(json.dumps({"onnxruntime.quantization": onnxruntime.__version__, "onnx": onnx.__version__,
                  "numpy": numpy.__version__, "Python": platform.python_version()}))
`;

/** Importing these packages from a cold disk takes seconds. */
const PROBE_LIMIT_MS = 60_000;

/**
 * Looks for the Python that MODELPRESS_PYTHON names, else `python3`, and for the packages that the peer needs.
 *
 * @param probe a program that imports them and prints their versions as JSON; default those of onnxruntime.quantization.
 */
export async function findPython(probe = PROBE): Promise<FoundPython> {
  const command = process.env.MODELPRESS_PYTHON ?? 'python3';
  try {
    const { exitCode, stdout, stderr } = await runProcess(command, ['-c', probe], { timeLimitMs: PROBE_LIMIT_MS });
    if (exitCode === 0) return { kind: 'found', command, versions: JSON.parse(stdout) as PeerVersions };
    return { kind: 'missing', reason: `${command}: ${stderr.trim().split('\n').at(-1) ?? 'failed'}` };
  } catch (error) {
    return { kind: 'missing', reason: `${command}: ${error instanceof Error ? error.message : String(error)}` };
  }
}

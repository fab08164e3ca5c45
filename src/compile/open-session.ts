import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fail } from '../diagnostics/modelpress-error.ts';
import { openLiteRtSession } from '../runtime/litert.ts';
import { withFloatPorts } from '../runtime/litert-float-ports.ts';
import { openOrtSession } from '../runtime/onnxruntime-node.ts';
import { openOrtWebSession } from '../runtime/onnxruntime-web.ts';
import type { Port, Session } from '../runtime/session.ts';
import { readPortQuantization } from '../targets/device/tflite/read-port-quantization.ts';
import { modelFilesAt } from './model-files.ts';

/** The runtimes that a model file can be asked to run in. */
export const SESSION_RUNTIMES = ['onnxruntime-node', 'onnxruntime-web', 'litert'] as const;

export type SessionRuntime = (typeof SESSION_RUNTIMES)[number];

/** How to open a model file. */
export interface OpenSessionOptions {
  /** Default: `litert` for a .tflite file, else `onnxruntime-node`. */
  readonly runtime?: SessionRuntime | undefined;
  /** Threads within an operator. Default 1. */
  readonly threads?: number;
  /** Which quantized integer ports of a .tflite file take and give the float32 numbers they stand for. Default all. */
  readonly floatPort?: (port: Port) => boolean;
}

/**
 * Opens a model file in the runtime that it is made for: ONNX and `.ort` in ONNX Runtime, .tflite in LiteRT.
 *
 * @throws ModelpressError `run-runtime-mismatch` where the runtime does not read such files, `runtime-load-failed`, and
 * those of `openModelFile`.
 */
export async function openSession(path: string, options: OpenSessionOptions = {}): Promise<Session> {
  const { threads = 1, floatPort = () => true } = options;
  const isTflite = extname(path).toLowerCase() === '.tflite';
  const runtime = options.runtime ?? (isTflite ? 'litert' : 'onnxruntime-node');
  if (isTflite !== (runtime === 'litert')) {
    return fail({
      code: 'run-runtime-mismatch',
      at: path,
      message: `${runtime} does not read ${isTflite ? '.tflite' : 'ONNX'} files`,
      hint: `Leave the runtime out, or give ${isTflite ? 'the ONNX model' : 'a .tflite file'}.`,
    });
  }
  if (runtime === 'litert') return await openTflite(path, threads, floatPort);
  await modelFilesAt(path);
  return runtime === 'onnxruntime-node' ? await openOrtSession(path, { threads }) : await openOrtWebSession(path);
}

async function openTflite(path: string, threads: number, floatPort: (port: Port) => boolean): Promise<Session> {
  const bytes = read(path);
  const session = await openLiteRtSession(bytes, { threads });
  const ports = [...session.inputs, ...session.outputs].filter(floatPort).map(({ name }) => name);
  const quantization = [...readPortQuantization(bytes)].filter(([name]) => ports.includes(name));
  return withFloatPorts(session, new Map(quantization));
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    return fail(
      {
        code: 'tflite-file-missing',
        at: path,
        message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
        hint: 'Check the path.',
      },
      cause,
    );
  }
}

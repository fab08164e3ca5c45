import { openOrtSession } from '../../src/runtime/onnxruntime-node.ts';

/**
 * Has ONNX Runtime write the graph that its basic level makes: only what is valid for every provider.
 *
 * @param source a model without external data.
 * @returns seconds from file to file.
 */
export async function simplifyByRuntime(source: string, output: string): Promise<number> {
  const start = performance.now();
  const session = await openOrtSession(source, { optimization: 'basic', optimizedModelPath: output });
  const seconds = (performance.now() - start) / 1000;
  await session.close();
  return seconds;
}

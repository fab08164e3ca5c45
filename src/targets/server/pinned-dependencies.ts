import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The packages that the serving program imports. */
const PACKAGES = ['fastify', 'onnxruntime-node', 'prom-client'] as const;

/**
 * The serving program's packages at the exact versions installed beside modelpress, which are those that the artifact is
 * run with before it is handed over.
 */
export function pinnedDependencies(): Readonly<Record<string, string>> {
  const require = createRequire(import.meta.url);
  return Object.fromEntries(
    PACKAGES.map((name) => {
      const { version } = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')) as {
        version: string;
      };
      return [name, version];
    }),
  );
}

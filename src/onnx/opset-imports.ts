import { type Reporter, warning } from '../diagnostics/diagnostic.ts';
import { canonicalDomain } from './decode-graph.ts';
import type { Proto } from './schema.ts';
import { versionNumber } from './version-number.ts';

/**
 * The version that a missing import is taken for: of the two ONNX domains the newest that ONNX Runtime 1.30 runs, which
 * is what it takes itself; vendors' domains have only had version 1.
 */
const MISSING_VERSIONS: ReadonlyMap<string, number> = new Map([
  ['', 26],
  ['ai.onnx.ml', 5],
]);

/** Operator-set versions by domain. Of a domain that is imported twice the later import counts. @throws `onnx-version` */
export function opsetImportsFrom(imports: readonly Proto<'OperatorSetIdProto'>[] = []): Map<string, number> {
  return new Map(
    imports.map(({ domain, version = 0n }) => [
      canonicalDomain(domain),
      versionNumber(version, `operator set '${domain || 'ai.onnx'}'`),
    ]),
  );
}

/** Adds an import for each domain that is used and not imported, with a warning each. */
export function repairImports(
  imports: Map<string, number>,
  used: Iterable<string>,
  owner: string,
  report: Reporter,
): void {
  for (const domain of used) {
    if (imports.has(domain)) continue;
    const version = MISSING_VERSIONS.get(domain) ?? 1;
    imports.set(domain, version);
    report(
      warning({
        code: 'onnx-missing-opset',
        at: owner,
        message: `${owner} uses operators of domain '${domain || 'ai.onnx'}' without importing it; version ${version} is assumed`,
        hint: 'Export the model again if its operators behave differently.',
      }),
    );
  }
}

import { afterAll, describe, expect, it } from 'vitest';
import { runDeviceCase } from '../../../bench/device-backend/run-device-case.ts';
import { LiteRtHost } from '../../../src/runtime/litert-host.ts';
import { backendCases, HAS_ZOO, ZOO_NOTE } from '../../zoo.ts';

/** Cases that must at least be lowered; the others are refused, for types, operators and shapes that are not static. */
const MIN_LOWERED = 815;

describe.skipIf(!HAS_ZOO)(`the ONNX backend suite on the device${ZOO_NOTE}`, () => {
  const host = new LiteRtHost();
  afterAll(() => host.close());

  it('gives no wrong number: each case is refused with a reason, or equal', { timeout: 300_000 }, async () => {
    const wrong: string[] = [];
    let equal = 0;
    for (const each of backendCases()) {
      const { kind, reason } = await runDeviceCase(each, host);
      if (kind === 'equal') equal++;
      else if (kind === 'wrong' || reason === '') wrong.push(`${each.name}: ${reason}`);
    }
    expect(wrong).toEqual([]);
    expect(equal).toBeGreaterThan(MIN_LOWERED);
  });
});

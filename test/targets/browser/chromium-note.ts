import { findChromium } from '../../../src/runtime/chromium.ts';

export const HAS_CHROMIUM = findChromium() !== undefined;

/** What the name of a group of tests says where they are skipped. */
export const CHROMIUM_NOTE = HAS_CHROMIUM ? '' : ' (skipped: no Chromium; install it or set CHROME_PATH)';

/** Longest that such a test may take, in milliseconds: browsers start slowly on a busy machine. */
export const CHROMIUM_TEST_MS = 240_000;

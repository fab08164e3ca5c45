/** Below 20 dB noise is a tenth of the signal, and predictions change. */
export const MIN_SQNR_DB = 20;

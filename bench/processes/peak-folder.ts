/** Environment variable with the folder in which each measured process leaves its peak memory, under its own id. */
export const PEAK_FOLDER = 'MODELPRESS_BENCH_PEAK_FOLDER';

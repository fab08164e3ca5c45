/** Environment variable with the folder in which each measured process leaves what it used, under its own id. */
export const USAGE_FOLDER = 'MODELPRESS_BENCH_USAGE_FOLDER';

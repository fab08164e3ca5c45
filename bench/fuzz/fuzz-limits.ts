/** Longest that one iteration may compute, in milliseconds; reading a model of a few kilobytes takes one. */
export const TIME_LIMIT_MS = 2000;

/** Silence after which a process is taken to hang and killed: far above the limit, for machines that do other things too. */
export const SILENCE_LIMIT_MS = 30_000;

/** Most memory that a process may hold at its peak, the runtime and the corpus included. */
export const MEMORY_LIMIT_BYTES = 2 ** 30;

/** Iterations after which a process is replaced, so that a leak of the runtime does not count against an iteration. */
export const ITERATIONS_PER_PROCESS = 20_000;

/** One in so many graphs is also run in ONNX Runtime; a session takes as long as some ten iterations. */
export const RUNTIME_EVERY = 100;

/** One iteration in so many is a graph, the others are files. */
export const GRAPH_EVERY = 3;

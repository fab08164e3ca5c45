import { z } from 'zod';

const bytes = z.int().min(0);

/** What a device artifact needs of the interpreter that runs it. */
export const deviceNeedsSchema = z.object({
  /** Operators of TensorFlow Lite that the model uses, with how often: what a resolver has to register. */
  operators: z.record(z.string(), z.int().min(1)),
  /** Memory beside the model in TensorFlow Lite Micro: of its activations alone, and a size of the arena that suffices. */
  arena: z.object({ activations: bytes, bytes }),
});

export type DeviceNeeds = z.infer<typeof deviceNeedsSchema>;

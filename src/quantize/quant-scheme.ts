/** The integer types that activations may have. */
export type ActivationType = 'uint8' | 'int8';

/** How numbers are laid out in 8 bits: what a runtime's integer kernels take. */
export interface QuantScheme {
  readonly activation: ActivationType;
  /** Whether zero lies in the middle of the activation type. Keeps activation functions from folding into their layer. */
  readonly symmetricActivation: boolean;
  readonly weight: 'int8';
  /** One scale per output channel of a weight instead of one per tensor. */
  readonly perChannel: boolean;
}

/**
 * The schemes by name. `u8s8` is what the kernels for x86-64 and WebAssembly multiply; `s8s8` what TensorFlow Lite and
 * the kernels for ARM64 do. Weights are symmetric in both, as per-channel kernels ask for.
 */
export const QUANT_SCHEMES = {
  u8s8: { activation: 'uint8', symmetricActivation: false, weight: 'int8', perChannel: true },
  s8s8: { activation: 'int8', symmetricActivation: false, weight: 'int8', perChannel: true },
} as const satisfies Record<string, QuantScheme>;

export type QuantSchemeName = keyof typeof QUANT_SCHEMES;

/** The scheme that the runtimes of each target run fastest. */
export const SCHEME_OF_TARGET = {
  server: 'u8s8',
  browser: 'u8s8',
  device: 's8s8',
} as const satisfies Record<string, QuantSchemeName>;

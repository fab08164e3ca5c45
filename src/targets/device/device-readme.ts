import type { DeviceNeeds } from '../../report/device-needs-schema.ts';

/** TensorFlow Lite Micro's name for the resolver method of an operator: CONV_2D is AddConv2D. */
export function resolverMethod(operator: string): string {
  const words = operator.toLowerCase().split('_');
  return `Add${words.map((word) => (/^\d/.test(word) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1))).join('')}`;
}

/** README.md of the device artifact: how to load it on a phone and on a microcontroller. */
export function deviceReadme(name: string, { operators, arena }: DeviceNeeds, hasArray: boolean): string {
  const kinds = Object.keys(operators).sort();
  const resolver = kinds.map((operator) => `resolver.${resolverMethod(operator)}();`).join('\n');
  const micro = `
## Microcontrollers

\`model_data.h\` and \`model_data.cc\` hold the model as an aligned constant array for TensorFlow Lite Micro. It stays in flash;
the arena is the memory that it needs beside that.

\`\`\`cpp
#include "model_data.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

// Activations take ${arena.activations} bytes of it; the rest is what the interpreter and its reference kernels keep at most.
// Kernels of an accelerator library (CMSIS-NN, for one) may want some scratch memory more.
constexpr int kArenaSize = ${arena.bytes};
alignas(16) static uint8_t arena[kArenaSize];

static tflite::MicroMutableOpResolver<${kinds.length}> resolver;
${resolver}
tflite::MicroInterpreter interpreter(tflite::GetModel(g_model_data), resolver, arena, kArenaSize);
interpreter.AllocateTensors();
\`\`\`
`;
  return `# ${name} for devices

\`model.tflite\` runs in TensorFlow Lite (LiteRT) on Android, iOS, Linux and in the browser. It has been run in LiteRT, and
\`manifest.json\` says how close it came to the source model there, its inputs and outputs, and what it was made from.

Operators: ${kinds.map((operator) => `${operator} (${operators[operator]})`).join(', ')}.
${hasArray ? micro : ''}`;
}

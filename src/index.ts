// The public API of modelpress. What is not exported here may change with any version.

// The main job, and its parts on their own:

export { type BenchOptions, type BenchResult, benchModels } from './compile/bench-models.ts';
export type { EventListener, OptimizeEvent } from './compile/events.ts';
export { type OptimizeResult, optimize } from './compile/optimize.ts';
export type { OptimizeOptions } from './compile/optimize-options.ts';
export { type RunOptions, type RunResult, runModel } from './compile/run-model.ts';
export { type ValidateOptions, type ValidateResult, validateModel } from './compile/validate-model.ts';
export { type DiffOptions, diffFiles } from './inspect/diff/diff-files.ts';
export type { ModelDiff } from './inspect/diff/model-diff.ts';
export { inspectFile } from './inspect/inspect-file.ts';
export { type InspectOptions, inspectModel } from './inspect/inspect-model.ts';
export type { Inspection } from './inspect/inspection.ts';

// What they write, with the schemas that it is checked against:

export { type Manifest, manifestSchema } from './report/manifest-schema.ts';
export { type Report, reportSchema, type Variant } from './report/report-schema.ts';

// What they throw, and what they collect:

export type { Diagnostic } from './diagnostics/diagnostic.ts';
export { ModelpressError } from './diagnostics/modelpress-error.ts';

// Models, from files and back, as text, and in memory:

export { openModelFile } from './files/open-model-file.ts';
export { type SaveOptions, saveModelFile } from './files/save-model-file.ts';
export { cloneModel } from './ir/clone.ts';
export { Graph } from './ir/graph.ts';
export type { Model } from './ir/model.ts';
export type { Node } from './ir/node.ts';
export { type Tensor, tensorFromNumbers, toNumbers } from './ir/tensor.ts';
export { parseModel } from './ir/text/parse.ts';
export { printModel } from './ir/text/print.ts';
export type { Value } from './ir/value.ts';
export { verify } from './ir/verify.ts';
export { readModel } from './onnx/read-model.ts';
export { writeModel } from './onnx/write-model.ts';

// Passes, those that there are and one's own, and pipelines of both:

export { PASSES } from '../passes/index.ts';
export { definePass, type Pass, type PassContext } from './pass/define-pass.ts';
export { fixpoint, type PipelineStep, parsePipeline, printPipeline, step } from './pass/pipeline.ts';
export { type PassRecord, type PipelineOptions, type PipelineResult, runPipeline } from './pass/run-pipeline.ts';

// Data, running, quantizing and measuring:

export type { Dataset, Sample } from './data/dataset.ts';
export { type DatasetModel, type DatasetSpec, openDataset } from './data/open-dataset.ts';
export { synthesizeDataset } from './data/synthesize-dataset.ts';
export { measureInt8Coverage } from './measure/int8-coverage.ts';
export { measureLatency } from './measure/measure-latency.ts';
export { measureMemory } from './measure/measure-memory.ts';
export { measureSize } from './measure/measure-size.ts';
export { type CalibrateOptions, calibrate } from './quantize/calibrate.ts';
export { type Int8Plan, planInt8 } from './quantize/plan-int8.ts';
export { openOrtSession } from './runtime/onnxruntime-node.ts';
export type { Session } from './runtime/session.ts';
export { type GateResult, judgeDrop } from './validate/accuracy-gate.ts';
export { type EvaluateOptions, evaluate } from './validate/evaluate.ts';
export type { Evaluation } from './validate/evaluation.ts';
export { parseMaxDrop } from './validate/max-drop.ts';

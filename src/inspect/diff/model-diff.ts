/** How two models differ. Plain values, as JSON holds them; `a` is the first of the two. */
export interface ModelDiff {
  readonly a: ModelFacts;
  readonly b: ModelFacts;
  /** Inputs and outputs that are not the same in both, as text; null where one side has none of the name. */
  readonly interface: readonly { readonly port: string; readonly a: string | null; readonly b: string | null }[];
  /** Operators of which there are not as many in both, those that changed most first. */
  readonly operators: readonly { readonly operator: string; readonly a: number; readonly b: number }[];
  readonly weights: WeightDiff;
  readonly nodes: NodeDiff;
  /** What both answer to the same inputs; null where they were not run. */
  readonly answers: AnswerDiff | null;
  /** Nothing above differs: interface, nodes, weights and answers are the same. */
  readonly same: boolean;
}

/** What is shown of each side. */
export interface ModelFacts {
  readonly file: string;
  readonly bytes: number;
  readonly opset: Readonly<Record<string, number>>;
  /** Of the main graph and those nested in it. */
  readonly nodes: number;
  readonly parameters: number;
  readonly weightBytes: number;
  /** Multiply-accumulates, open sizes counted as 1. */
  readonly macs: number;
}

/** Constants by their contents: type, shape and elements. */
export interface WeightDiff {
  readonly shared: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly bytesOnlyA: number;
  readonly bytesOnlyB: number;
}

/** Nodes of the main graphs, paired by the name of the value that they compute. */
export interface NodeDiff {
  readonly same: number;
  readonly changed: readonly { readonly value: string; readonly a: string; readonly b: string }[];
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

/** How far the answers of `b` are from those of `a`. */
export interface AnswerDiff {
  readonly data: string;
  readonly samples: number;
  readonly outputs: readonly {
    readonly output: string;
    /** Largest difference over the largest magnitude; 0 where every element is the same; null where they do not compare. */
    readonly maxRelativeError: number | null;
    /** Why they do not compare. */
    readonly reason: string | null;
  }[];
  /** Why one of the models was not run; null where both were. */
  readonly reason: string | null;
}

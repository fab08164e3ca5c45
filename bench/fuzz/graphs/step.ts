import type { GraphMaker } from './graph-maker.ts';

/** A way to let a graph grow by a few nodes, where what is there allows it. */
export interface Step {
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  readonly run: (maker: GraphMaker) => void;
}

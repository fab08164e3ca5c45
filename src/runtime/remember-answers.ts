import { equalTensors, type Tensor } from '../ir/tensor.ts';
import type { OutputValue, Session } from './session.ts';

type Feed = ReadonlyMap<string, Tensor>;

interface Answer {
  readonly feed: Feed;
  readonly wanted: string | undefined;
  readonly outputs: ReadonlyMap<string, OutputValue>;
}

/**
 * A session that keeps its last answers and gives them again when it is asked the same: for models that take long to run.
 *
 * @param count of answers that are kept.
 */
export function rememberAnswers(session: Session, count: number): Session {
  const answers: Answer[] = [];
  return {
    runtime: session.runtime,
    inputs: session.inputs,
    outputs: session.outputs,
    async run(feed, names) {
      const wanted = names?.join('\n');
      const known = answers.find((answer) => answer.wanted === wanted && sameFeed(answer.feed, feed));
      if (known !== undefined) return known.outputs;
      const outputs = await session.run(feed, names);
      answers.push({ feed, wanted, outputs });
      if (answers.length > count) answers.shift();
      return outputs;
    },
    close: () => session.close(),
  };
}

/** A session that gives answers which are known already to the feeds that they belong to, and runs on all others. */
export function withAnswers(
  session: Session,
  feeds: readonly Feed[],
  answers: readonly ReadonlyMap<string, OutputValue>[],
): Session {
  return {
    runtime: session.runtime,
    inputs: session.inputs,
    outputs: session.outputs,
    async run(feed, wanted) {
      const known = wanted === undefined ? feeds.findIndex((one) => sameFeed(one, feed)) : -1;
      return answers[known] ?? (await session.run(feed, wanted));
    },
    close: () => session.close(),
  };
}

function sameFeed(a: Feed, b: Feed): boolean {
  if (a.size !== b.size) return false;
  return [...a].every(([name, tensor]) => {
    const other = b.get(name);
    return other !== undefined && equalTensors(tensor, other);
  });
}

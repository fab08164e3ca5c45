import type { Dim } from '../../ir/shape.ts';
import { isAtLeast } from '../dims/dim-facts.ts';

/**
 * What is left of padded axes after one window of a convolution: at least 0 wherever the model runs, because no runtime
 * takes a window that does not fit. Exporters compute sizes by dividing such rooms (`(H - 1) // 8 + 1`), and only their
 * sign says which way the division rounds.
 */
export class WindowRooms {
  readonly #rooms = new Set<string>();
  #askedInVain = false;

  /** Says that a convolution which always runs leaves this room. */
  add(room: Dim): void {
    if (typeof room === 'string') this.#rooms.add(room);
  }

  get count(): number {
    return this.#rooms.size;
  }

  /** Whether a sign was asked for that the rooms known then did not give. */
  get askedInVain(): boolean {
    return this.#askedInVain;
  }

  /** Whether an integer is never negative, by itself or because it is no less than such a room. */
  isSize(value: Dim): boolean {
    if (isAtLeast(value, 0)) return true;
    for (const room of this.#rooms) if (isAtLeast(value, room)) return true;
    if (value !== undefined) this.#askedInVain = true;
    return false;
  }
}

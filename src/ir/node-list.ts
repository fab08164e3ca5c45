/** One place in the list. A place whose node was taken out keeps its neighbours, so that an iterator on it can go on. */
export interface Place<T> {
  item: T | undefined;
  previous: Place<T>;
  next: Place<T>;
}

/**
 * A doubly linked list whose iteration survives any erasing, inserting and moving of items while it runs.
 *
 * An item that stands in the list from before the iteration starts until after it ends, and is not moved, is visited
 * exactly once; an item taken out before it is reached is not visited; one inserted right after the current item is.
 */
export class NodeList<T> {
  readonly #end: Place<T>;
  #size = 0;

  constructor() {
    const end = { item: undefined } as unknown as Place<T>;
    end.previous = end;
    end.next = end;
    this.#end = end;
  }

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#end.next.item;
  }

  get last(): T | undefined {
    return this.#end.previous.item;
  }

  /** Puts `item` before `anchor`, or at the end, and returns its place. */
  insertBefore(anchor: Place<T> | undefined, item: T): Place<T> {
    const next = anchor ?? this.#end;
    const place: Place<T> = { item, previous: next.previous, next };
    next.previous.next = place;
    next.previous = place;
    this.#size++;
    return place;
  }

  /** Takes a place out; the place itself keeps its links. */
  remove(place: Place<T>): void {
    place.previous.next = place.next;
    place.next.previous = place.previous;
    place.item = undefined;
    this.#size--;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    let place = this.#end.next;
    while (place !== this.#end) {
      if (place.item !== undefined) yield place.item;
      place = this.#following(place);
    }
  }

  /** The items from last to first, with the same guarantees. */
  *reversed(): Generator<T, void, undefined> {
    let place = this.#end.previous;
    while (place !== this.#end) {
      if (place.item !== undefined) yield place.item;
      place = this.#preceding(place);
    }
  }

  /**
   * The place after one that may have been taken out meanwhile. From a removed place the way leads back to the nearest
   * one before it that still stands, so that items inserted after that one are not missed; what stood before the
   * removed place is not visited again because it is what was visited already.
   */
  #following(place: Place<T>): Place<T> {
    let at = place;
    while (at !== this.#end && at.item === undefined) at = at.previous;
    return at.next;
  }

  #preceding(place: Place<T>): Place<T> {
    let at = place;
    while (at !== this.#end && at.item === undefined) at = at.next;
    return at.previous;
  }
}

import type { Message } from './message';

/** Where a message stands in a line; without the message once it has left. */
export interface Place {
  /** Grows with each message that becomes visible. */
  readonly order: number;
  message?: Message;
}

/** So few empty places are not worth a clean-up. */
const FEW = 1_000;

/** Messages in the order in which they became visible, which may leave from anywhere. */
export class Line {
  private readonly places: Place[] = [];
  /** Before it are only places that were left. */
  private first = 0;

  get head(): Place | undefined {
    while (this.first < this.places.length && this.places[this.first].message === undefined) this.first++;
    if (this.first > FEW && this.first > this.places.length / 2) {
      this.places.splice(0, this.first);
      this.first = 0;
    }
    return this.places[this.first];
  }

  enter(place: Place) {
    this.places.push(place);
  }
}

/** The saga's input. */
export interface Trip {
  readonly traveller: string;
  readonly hotel: string;
  readonly flight: string;
  readonly car: string;
  /** Who pays. */
  readonly account: string;
  readonly price: number;
}

/** Waiting that somebody can end. */
export class Bell {
  private readonly waiting = new Set<() => void>();

  ring(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    waiting.forEach((wake) => wake());
  }

  /** Until it rings, or for so long. */
  async wait(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.waiting.delete(resolve);
        resolve();
      }, ms);
      this.waiting.add(resolve);
    });
    clearTimeout(timer);
  }
}

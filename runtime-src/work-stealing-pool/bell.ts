/** Waiting that somebody can end. */
export class Bell {
  private waiting: (() => void)[] = [];

  ring(): void {
    const { waiting } = this;
    this.waiting = [];
    waiting.forEach((wake) => wake());
  }

  /** Until it rings, or for so long. */
  async wait(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      this.waiting.push(resolve);
    });
    clearTimeout(timer);
  }
}

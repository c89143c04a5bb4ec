import { setTimeout } from 'node:timers/promises';
import type { Frame } from './frame';

/** What loading a scene takes, as a share of what the frame takes. */
const LOADING = 0.3;

/** No renderer can read what is in the frame. */
export class BrokenFrame extends Error {
  override readonly name = 'BrokenFrame';
}

/** Stands for a renderer. It keeps the scene that it rendered last in memory, and takes longer for a frame of another one. */
export class Renderer {
  private loaded: string | undefined;

  /** @param speed compared with a CPU */
  constructor(private readonly speed: number) {}

  /** @returns how long loading the scene took */
  async load({ scene, seconds }: Frame): Promise<number> {
    if (scene === this.loaded) return 0;
    const loadMs = Math.round(seconds * LOADING / this.speed * 1000);
    await setTimeout(loadMs);
    this.loaded = scene;
    return loadMs;
  }

  /** @returns where the picture is */
  async render({ scene, frame, seconds, broken }: Frame): Promise<string> {
    if (broken) throw new BrokenFrame(`frame ${frame} of ${scene} has a texture that is not there`);
    await setTimeout(seconds / this.speed * 1000);
    return `s3://pictures/${scene}/${frame}.exr`;
  }
}

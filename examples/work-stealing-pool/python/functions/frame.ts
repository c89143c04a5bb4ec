/** What somebody wants to be rendered. */
export interface Job {
  readonly tenantId: string;
  readonly scene: string;
  readonly frames: number;
  /** Not to be rendered by a CPU. */
  readonly needsGpu?: boolean;
  /** The shortest and the longest time of a frame: 3 and 20 unless given. */
  readonly seconds?: readonly [number, number];
  /** Frames with something in them that no renderer can read. */
  readonly broken?: readonly number[];
}

/** One of its frames: the payload of a task. */
export interface Frame {
  readonly tenantId: string;
  readonly scene: string;
  readonly frame: number;
  /** How long a CPU that has the scene loaded takes. */
  readonly seconds: number;
  readonly broken?: boolean;
}

const SECONDS = [3, 20] as const;

/** The tasks' ids, which the frames table has, too. */
export function frameId({ scene, frame }: Pick<Frame, 'scene' | 'frame'>): string {
  return `${scene}/${String(frame).padStart(4, '0')}`;
}

/** Some frames have much in them, most have little, and the same frame always the same. */
export function framesOf({ tenantId, scene, frames, seconds: [shortest, longest] = SECONDS, broken = [] }: Job): Frame[] {
  return Array.from({ length: frames }, (_, index) => {
    const frame = index + 1;
    // Multiples of the golden ratio are spread evenly, and look random.
    const complexity = (frame * 0.618034) % 1;
    const seconds = Math.round((shortest + (longest - shortest) * complexity ** 2) * 10) / 10;
    return { tenantId, scene, frame, seconds, ...(broken.includes(frame) && { broken: true }) };
  });
}

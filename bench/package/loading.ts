import type { Installation } from './installation';
import type { Load, LoadRequest } from './load-process';
import { interleaved, type Spread, spreadOf } from './rounds';

/** How long `require` of a library takes, in milliseconds, in a process that has loaded constructs and aws-cdk-lib already. */
export interface LoadTime {
  readonly library: string;
  /** All that it adds. */
  readonly adds: Spread;
  /** Of this, what it loads of aws-cdk-lib: files that aws-cdk-lib itself does not load before they are used. */
  readonly ofPeersMs: number;
  /** Of this, its own files and those of what it brings along. */
  readonly itselfMs: number;
  /** How many files of its own, and of what it brings along. */
  readonly files: number;
}

export function measureLoading({ call }: Pick<Installation, 'call'>, libraries: readonly string[], rounds: number): readonly LoadTime[] {
  const load = (request: LoadRequest): Load => call('load-process', request);
  const parts = libraries.map((library) => partsOf(load({ library, before: [] }).files));
  const cases = libraries.flatMap((library, index): readonly LoadRequest[] => [{ library, before: [] }, { library, before: parts[index].ofPeers }]);
  const loads = interleaved(cases, rounds, load);
  return libraries.map((library, index) => {
    const [together, apart] = [loads[2 * index], loads[2 * index + 1]];
    return {
      library,
      adds: spreadOf(together.map(({ libraryMs }) => libraryMs)),
      ofPeersMs: spreadOf(apart.map(({ beforeMs }) => beforeMs)).median,
      itselfMs: spreadOf(apart.map(({ libraryMs }) => libraryMs)).median,
      files: parts[index].own.length,
    };
  });
}

/** Files of aws-cdk-lib and constructs, and others. */
export function partsOf(files: readonly string[]): { readonly ofPeers: readonly string[]; readonly own: readonly string[] } {
  const isOfPeers = (file: string) => /^(aws-cdk-lib|constructs)[\\/]/.test(file.split(/node_modules[\\/]/).pop()!);
  return { ofPeers: files.filter(isOfPeers), own: files.filter((file) => !isOfPeers(file)) };
}

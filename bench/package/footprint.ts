/** Of a package-lock.json, what is read here. */
export interface Lock {
  readonly packages: Readonly<Record<string, {
    readonly version?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    /** It is inside another one's tarball. */
    readonly inBundle?: boolean;
  }>>;
}

export interface InstalledPackage {
  /** In the project. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  readonly bundled: boolean;
}

/** Of what `npm pack --json` says, what is read here. */
export interface Tarball {
  readonly name: string;
  readonly version: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

/** What a package brings, with all that it depends on. */
export interface Footprint {
  readonly name: string;
  readonly packedBytes: number;
  readonly unpackedBytes: number;
  readonly files: number;
  /** Those that are inside another one's tarball are counted, too, as npm does. */
  readonly packages: number;
}

const FOLDER = 'node_modules/';

/** A package and what npm has installed for it, beside the peers and what those need. */
export function installedFor(lock: Lock, name: string, peers: readonly string[]): readonly InstalledPackage[] {
  const found = new Map<string, InstalledPackage>();
  const visit = (from: string, dependency: string) => {
    if (peers.includes(dependency)) return;
    const place = placeOf(lock, from, dependency);
    if (place === undefined) {
      // Npm installs nothing into another one's tarball, even if it is incomplete.
      if (lock.packages[from]?.inBundle) return;
      throw new Error(`${dependency} is not installed, though ${from || 'the project'} depends on it`);
    }
    if (found.has(place)) return;
    const { version = '', inBundle = false, dependencies = {} } = lock.packages[place];
    found.set(place, { place, name: dependency, version, bundled: inBundle });
    for (const next of Object.keys(dependencies)) visit(place, next);
  };
  visit('', name);
  return [...found.values()];
}

/** As Node.js resolves it: the nearest `node_modules` on the way up. */
function placeOf(lock: Lock, from: string, name: string): string | undefined {
  for (let place = from; ; place = around(place)) {
    const candidate = `${place}${place && '/'}${FOLDER}${name}`;
    if (candidate in lock.packages) return candidate;
    if (!place) return undefined;
  }
}

/** What several packages bring, each dependency once: of several versions the newest, with what is inside its tarball. */
export function together(installed: readonly (readonly InstalledPackage[])[]): readonly InstalledPackage[] {
  const all = [...new Map(installed.flat().map((each) => [each.place, each])).values()];
  const newest = new Map<string, InstalledPackage>();
  for (const each of all.filter(({ bundled }) => !bundled)) {
    const other = newest.get(each.name);
    if (!other || isNewer(each.version, other.version)) newest.set(each.name, each);
  }
  const kept = new Set([...newest.values()].map(({ place }) => place));
  const bundled = new Set(all.filter((each) => each.bundled).map(({ place }) => place));
  const tarballOf = (place: string): string => bundled.has(place) ? tarballOf(around(place)) : place;
  return all.filter(({ place }) => kept.has(tarballOf(place)));
}

/** The package in whose `node_modules` this one is. */
function around(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf(FOLDER) - 1));
}

function isNewer(version: string, other: string): boolean {
  return version.localeCompare(other, 'en', { numeric: true }) > 0;
}

export function footprint(name: string, installed: readonly InstalledPackage[], tarballs: readonly Tarball[]): Footprint {
  const own = installed.filter(({ bundled }) => !bundled).map((each) => {
    const tarball = tarballs.find((candidate) => candidate.name === each.name && candidate.version === each.version);
    if (!tarball) throw new Error(`there is no tarball of ${each.name} ${each.version}`);
    return tarball;
  });
  const sum = (of: (tarball: Tarball) => number) => own.reduce((total, tarball) => total + of(tarball), 0);
  return {
    name,
    packedBytes: sum(({ size }) => size),
    unpackedBytes: sum(({ unpackedSize }) => unpackedSize),
    files: sum(({ entryCount }) => entryCount),
    packages: installed.length,
  };
}

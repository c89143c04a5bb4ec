import type { Footprint } from './footprint';
import { between, type Goal } from './goals';
import type { LoadTime } from './loading';
import type { SynthTime, SynthTimes } from './synthesis';
import { markdownTable } from '../table';

export function footprintTable(footprints: readonly Footprint[]): string {
  return markdownTable(['', 'packed (KB)', 'unpacked (KB)', 'files', 'packages'], footprints.map(({ name, packedBytes, unpackedBytes, files, packages }) => [
    name, kilobytes(packedBytes), kilobytes(unpackedBytes), String(files), String(packages),
  ]));
}

export function loadTable(times: readonly LoadTime[]): string {
  return markdownTable(['ms', 'adds', 'of it aws-cdk-lib', 'of it itself', 'files of its own'], times.map(({ library, adds, ofPeersMs, itselfMs, files }) => [
    library, between(adds, 0), ofPeersMs.toFixed(0), itselfMs.toFixed(0), String(files),
  ]));
}

export function synthTable({ ours, theirs, all, plain }: SynthTimes): string {
  const pairs = ours.flatMap((time, index) => [time, theirs[index]]);
  return markdownTable(['', 'resources', 'ms', 'ms per resource'], [...pairs, all, plain].map(synthRow));
}

function synthRow({ name, resources, first }: SynthTime): readonly string[] {
  return [name, String(resources), between(first, 0), (first.median / resources).toFixed(1)];
}

export function goalTable(goals: readonly Goal[]): string {
  return markdownTable(['', 'measured', 'goal', ''], goals.map(({ what, measured, limit, met }) => [what, measured, limit, met ? 'met' : 'MISSED']));
}

function kilobytes(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}

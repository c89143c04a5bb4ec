import type { Cell } from './matrix-cells';
import { altered, runCells } from './matrix-run';
import { type Assembly, tripAssembly } from './scene';

/** What the matrix must notice: each breaks one promise on purpose. */
const CONTROLS: readonly (readonly [string, () => Assembly, Cell, RegExp])[] = [
  [
    'a recovery that believes only what has ended',
    () => altered(tripAssembly(), 'index.js', /case ?"TaskScheduled"/, 'case"TaskNeverScheduled"'),
    { step: 'ReserveHotel', direction: 'DO', fault: 'stop during, after the effect' },
    /COMPENSATED with effects of ReserveHotel/,
  ],
  [
    'no recovery at all',
    () => altered(tripAssembly(), 'Test.template.json', /"State": "ENABLED"/g, '"State": "DISABLED"'),
    { step: 'ReserveHotel', direction: 'DO', fault: 'stop after' },
    /the saga ended RUNNING/,
  ],
  [
    'a compensation with the key of its action',
    () => altered(tripAssembly(), 'Test.template.json', /#UNDO/g, '#DO'),
    { step: 'ReserveHotel', direction: 'UNDO', fault: 'exception' },
    /COMPENSATED with effects of ReserveHotel/,
  ],
  [
    'an undo only of steps that have succeeded',
    () => altered(tripAssembly(), 'Test.template.json', /(\\"ErrorEquals\\":\[\\"States\.ALL\\"\],\\"Assign\\":\{\\"failure\\":(?:(?!\\"ErrorEquals\\").)*?\\"Next\\":)\\"Undo ReserveHotel\\"/g, '$1\\"Undone?\\"'),
    { step: 'ReserveHotel', direction: 'DO', fault: 'timeout with effect' },
    /COMPENSATED with effects of ReserveHotel/,
  ],
];

test.each(CONTROLS)('the matrix notices %s', async (_, assembly, cell, violation) => {
  expect((await runCells([cell])).violations).toEqual([]);
  expect((await runCells([cell], assembly())).violations.join()).toMatch(violation);
}, 60_000);

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { differingCopies } from './copies';
import { patterns } from '../../../examples/example';

it.each(patterns())('the functions and inputs of the %s example are the same in Python', (pattern) => {
  expect(differingCopies(`examples/${pattern}/typescript`, `examples/${pattern}/python`)).toEqual([]);
});

describe('copies', () => {
  let root: string;

  function write(file: string, content: string) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), content);
  }

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'copies-'));
    for (const language of ['one', 'other']) {
      write(`${language}/functions/shop.ts`, 'sells');
      write(`${language}/input.json`, '{}');
      write(`${language}/README.md`, language);
      write(`${language}/cdk.json`, language);
    }
    write('one/app.ts', '');
    write('other/app.py', '');
    write('other/node_modules/esbuild/index.js', '');
    write('other/functions/__pycache__/shop.pyc', '');
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it('may have apps of their own', () => {
    expect(differingCopies('one', 'other', root)).toEqual([]);
  });

  it.each<[string, () => void, string]>([
    ['another content', () => write('other/functions/shop.ts', 'buys'), 'other/functions/shop.ts differs from one/functions/shop.ts: change both'],
    ['another input', () => write('one/input.json', '[]'), 'other/input.json differs from one/input.json: change both'],
    ['a missing file', () => write('one/functions/book.ts', ''), 'other/functions/book.ts is missing: it is a copy of one/functions/book.ts'],
    ['an additional file', () => write('other/functions/app.py', ''), 'other/functions/app.py is a copy of nothing: there is no one/functions/app.py'],
  ])('are told by %s', (_, change, difference) => {
    change();
    expect(differingCopies('one', 'other', root)).toEqual([difference]);
  });
});

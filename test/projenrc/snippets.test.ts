import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import * as path from 'path';
import { compile } from '../../projenrc/snippets/documents';
import { type Snippet, snippetsOfDocstrings, snippetsOfMarkdown } from '../../projenrc/snippets/snippet';
import { parse, type Translated } from '../../projenrc/snippets/translations';

describe('finding snippets', () => {
  it('takes the TypeScript of a document, with the line of each and what it stands in', () => {
    const markdown = 'Text.\n\n```ts\nconst one = 1;\n```\n\n```json\n{}\n```\n\n1. A list.\n\n   ```ts fixture=handler\n   const two = 2;\n   ```\n';
    expect(snippetsOfMarkdown('a.md', markdown)).toEqual([
      { file: 'a.md', line: 4, source: 'const one = 1;\n', fixture: 'default' },
      { file: 'a.md', line: 14, source: '   const two = 2;\n', fixture: 'handler' },
    ]);
  });

  it('takes the examples of docstrings, to the next tag or the end', () => {
    const code = '/**\n * Text.\n *\n * @example\n * const one = 1;\n *\n * one;\n */\n/**\n   * @example\n   * two;\n   * @see it\n   */\n';
    expect(snippetsOfDocstrings('a.ts', code, 'handler')).toEqual([
      { file: 'a.ts', line: 5, source: 'const one = 1;\n\none;\n', fixture: 'handler' },
      { file: 'a.ts', line: 11, source: 'two;\n', fixture: 'handler' },
    ]);
  });
});

describe('compiling snippets', () => {
  let root: string;

  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), 'snippets-'));
    mkdirSync(path.join(root, 'rosetta'));
    writeFileSync(path.join(root, 'rosetta/default.ts-fixture'), 'declare const known: number;\nclass Around {\n  constructor() {\n    /// here\n  }\n}\n');
    writeFileSync(path.join(root, 'rosetta/handler.ts-fixture'), '/// here\n');
  });

  afterAll(() => rmSync(root, { recursive: true }));

  const snippet = (source: string, fixture: string = 'default', line: number = 7): Snippet => ({ file: 'a.md', line, source, fixture });

  it('finds nothing wrong with what compiles, and translates what is about constructs', () => {
    const { faults, translated } = compile([snippet('const next = known;\n'), snippet('export const later = async () => await 1;\n', 'handler', 20)], root);
    expect(faults).toEqual([]);
    expect(translated.map(({ where, language }) => `${where} ${language}`)).toEqual(['a.md:7 python', 'a.md:7 java', 'a.md:7 csharp', 'a.md:7 go']);
    expect(translated[0].source.trim()).toBe('next = known');
  });

  it('tells the line of what does not compile', () => {
    const { faults } = compile([snippet("import { nothing } from './nowhere';\n\nconst wrong: string = known;\n")], root);
    expect(faults).toEqual([
      expect.stringContaining("a.md:7: Cannot find module './nowhere'"),
      "a.md:9: Type 'number' is not assignable to type 'string'.\n    const wrong: string = known;",
    ]);
  });

  it('refuses what cannot be translated', () => {
    expect(compile([snippet('[1].map((each) => each + known);\n')], root).faults).toEqual([expect.stringMatching(/^a\.md:7: .*ArrowFunction.*not supported in examples/)]);
  });

  it('refuses a fixture that does not say where the snippet goes', () => {
    writeFileSync(path.join(root, 'rosetta/broken.ts-fixture'), 'const nothing = 0;\n');
    expect(() => compile([snippet('const one = 1;\n', 'broken')], root)).toThrow('broken.ts-fixture does not');
  });
});

describe('parsing translations', () => {
  const right: Readonly<Record<string, string>> = {
    python: 'import pool\n\nfarm = pool.Farm(self, "Farm", lease=3)\n',
    java: 'import pool.Farm;\n\nFarm farm = Farm.Builder.create(this, "Farm").lease(3).build();\n',
    go: 'import "pool"\n\nfarm := pool.NewFarm(this, "Farm")\n',
  };
  const { unparsed } = parse([]);

  // `npm run check:snippets` says what it could not parse.
  for (const [language, source] of Object.entries(right).filter(([each]) => !unparsed.includes(each))) {
    const translated = (text: string): Translated => ({ where: 'a.md:7', language, source: text });

    it(`finds what is not ${language}`, () => {
      expect(parse([translated(source)]).faults).toEqual([]);
      expect(parse([translated(source), translated(source.replace('(', '(('))]).faults).toEqual([
        expect.stringContaining(`a.md:7: its translation does not parse as ${language}`),
      ]);
    });
  }

  it('refuses a translation that is empty', () => {
    expect(parse([{ where: 'a.md:7', language: 'csharp', source: '\n' }]).faults).toEqual(['a.md:7: nothing came out in csharp']);
  });
});

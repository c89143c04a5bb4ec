import { execFileSync } from 'child_process';
import * as path from 'path';

it('fails the invocation that leaves a rejected promise unhandled, and only that', () => {
  const script = path.join(__dirname, 'unhandled-rejection.ts');
  const output = execFileSync(process.execPath, ['--import', 'tsx', script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const [own, sdk, none] = output.trim().split('\n').map((line) => JSON.parse(line));
  expect(own).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: mine' });
  expect(sdk).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'InvalidMessageContents: refused' });
  expect(none).toBe('done');
}, 30_000);

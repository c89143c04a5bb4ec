import { execFileSync } from 'child_process';
import * as path from 'path';
import { bundle, LambdaWorld } from './lambda-world';

describe('a handler in the simulated Lambda runtime', () => {
  const run = async (source: string, event: unknown = {}, properties: Record<string, unknown> = {}) => {
    const world = new LambdaWorld();
    world.deploy('fn', source, properties);
    return world.invoke('fn', event);
  };

  it('answers with what an async handler returns', async () => {
    expect(await run('exports.handler = async (event) => ({ got: event.a })', { a: 1 })).toMatchObject({
      StatusCode: 200, ExecutedVersion: '$LATEST', Payload: '{"got":1}',
    });
  });

  it('answers null when the handler returns nothing', async () => {
    expect((await run('exports.handler = async () => {}')).Payload).toBe('null');
  });

  it('answers with an error type, message and trace when the handler throws', async () => {
    const answer = await run('exports.handler = async () => { throw new TypeError("broken"); }');
    expect(answer.FunctionError).toBe('Unhandled');
    expect(answer.result).toEqual({
      errorType: 'TypeError', errorMessage: 'broken', trace: ['TypeError: broken', expect.stringContaining('/var/task/index.js:1')],
    });
  });

  it('keeps folders of this machine out of traces', async () => {
    const { result } = await run('exports.handler = async () => { require("fs").readFileSync("/does/not/exist"); }');
    expect(result.trace.slice(1).every((frame: string) => frame.includes('/var/task/'))).toBe(true);
  });

  it('answers with the type of a thrown value that is no error', async () => {
    expect((await run('exports.handler = async () => { throw "no"; }')).result).toEqual({ errorType: 'string', errorMessage: 'no', trace: [] });
  });

  it('reads the virtual clock', async () => {
    const source = `exports.handler = async () => {
      const start = Date.now(); const performanceStart = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 1500));
      return [Date.now() - start, new Date().getUTCFullYear(), Math.round(performance.now() - performanceStart), typeof Date()];
    }`;
    const started = performance.now();
    expect((await run(source)).result).toEqual([1500, 2026, 1500, 'string']);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('has UTC for its local time, whatever the time zone of this machine', () => {
    const source = `exports.handler = async () => {
      const date = new Date(2026, 6, 1, 12, 30);
      const text = '2026-07-01T12:30:00';
      return [date.toISOString(), date.getHours(), date.getTimezoneOffset(), String(date), date.toLocaleTimeString('en-GB'),
        new Date(text).toISOString(), new Date('Jul 1 2026 12:30').toISOString(), Date.parse(text + '+02:00') - Date.parse(text), new Date(date).getTime() === +date,
        new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' }).format(date), String(new Date('nonsense')), new Date('2026-07-01').getDate(), +new Date(null)];
    }`;
    const script = path.join(__dirname, 'in-time-zone.ts');
    for (const TZ of ['America/New_York', 'Asia/Kolkata']) {
      const output = execFileSync(process.execPath, ['--import', 'tsx', script, source], { encoding: 'utf8', env: { ...process.env, TZ } });
      expect(JSON.parse(output)).toEqual([
        '2026-07-01T12:30:00.000Z', 12, 0, 'Wed Jul 01 2026 12:30:00 GMT+0000 (Coordinated Universal Time)', '12:30:00',
        '2026-07-01T12:30:00.000Z', '2026-07-01T12:30:00.000Z', -7_200_000, true, '12:30', 'Invalid Date', 1, 0,
      ]);
    }
  }, 30_000);

  it('draws randomness from the seed', async () => {
    const source = `const crypto = require('node:crypto');
      exports.handler = async () => [Math.random(), crypto.randomUUID(), globalThis.crypto.randomUUID(), crypto.randomBytes(4).toString('hex'),
        Array.from(globalThis.crypto.getRandomValues(new Uint8Array(3))), crypto.createHash('md5').update('x').digest('hex')]`;
    const [first, second] = [await run(source), await run(source)];
    expect(second.result).toEqual(first.result);
    expect(first.result[1]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    const other = new LambdaWorld({ seed: 2 });
    other.deploy('fn', source);
    expect((await other.invoke('fn')).result[0]).not.toEqual(first.result[0]);
  });

  it('has the timers of timers/promises and promisify', async () => {
    const source = `const { setTimeout: wait } = require('timers/promises'); const { promisify } = require('util');
      exports.handler = async () => {
        const start = Date.now();
        const value = await wait(100, 'a');
        await promisify(setTimeout)(50);
        await new Promise((resolve) => { let n = 0; const t = setInterval(() => { if (++n === 3) { clearInterval(t); resolve(); } }, 10); });
        await new Promise((resolve) => setImmediate(resolve));
        clearTimeout(setTimeout(() => { throw new Error('cleared'); }, 5));
        return [value, Date.now() - start];
      }`;
    expect((await run(source)).result).toEqual(['a', 180]);
  });

  it('gives the context and environment variables that Lambda gives', async () => {
    const source = `exports.handler = async (event, context) => ({
      env: [process.env.AWS_REGION, process.env.AWS_LAMBDA_FUNCTION_NAME, process.env.MINE, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};/.test(process.env._X_AMZN_TRACE_ID)],
      context: [context.functionName, context.memoryLimitInMB, context.invokedFunctionArn, context.getRemainingTimeInMillis(), context.logGroupName],
      id: context.awsRequestId,
    })`;
    const { result } = await run(source, {}, { MemorySize: 256, Timeout: 7, Environment: { Variables: { MINE: 'x' } } });
    expect(result.env).toEqual(['us-east-1', 'fn', 'x', true]);
    expect(result.context).toEqual(['fn', '256', 'arn:aws:lambda:us-east-1:123456789012:function:fn', 7000, '/aws/lambda/fn']);
    expect(result.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('recognizes errors, arrays and dates of the host with instanceof', async () => {
    const source = `exports.handler = async () => {
      let error; try { require('fs').readFileSync('/does/not/exist'); } catch (e) { error = e; }
      class Mine extends Error {}
      return [error instanceof Error, error instanceof TypeError, error instanceof Mine, new Mine() instanceof Error, structuredClone([1]) instanceof Array];
    }`;
    expect((await run(source)).result).toEqual([true, false, false, true, true]);
  });

  it('requires relative files and JSON of the asset', async () => {
    const files = {
      'index.js': 'const { twice } = require("./lib"); exports.handler = async () => twice(require("./data.json").n);',
      'lib.js': 'exports.twice = (n) => 2 * n;',
      'data.json': '{"n": 21}',
    };
    const world = new LambdaWorld();
    world.deploy('fn', files);
    expect((await world.invoke('fn')).result).toBe(42);
  });

  it('runs inline code', async () => {
    const world = new LambdaWorld();
    world.deploy('fn', '', { Code: { ZipFile: 'exports.handler = async () => "inline"' } });
    expect((await world.invoke('fn')).result).toBe('inline');
  });

  it('supports callback-style handlers up to Node.js 22, waiting for the event loop to empty', async () => {
    const source = 'exports.handler = (event, context, callback) => { const t = Date.now(); setTimeout(() => {}, 300); callback(null, \'called\'); }';
    const world = new LambdaWorld();
    world.deploy('fn', source, { Runtime: 'nodejs22.x' });
    const start = world.world.kernel.now;
    expect((await world.invoke('fn')).result).toBe('called');
    expect(world.world.kernel.now - start).toBeGreaterThan(300);
    expect((await run(source)).result.errorType).toBe('Runtime.CallbackHandlerDeprecated');
  });

  it('does not wait for the event loop when the callback-style handler says so', async () => {
    const source = `exports.handler = (event, context, callback) => {
      context.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 2000); callback(new Error('early')); }`;
    const { result } = await run(source, {}, { Runtime: 'nodejs20.x' });
    expect(result).toMatchObject({ errorType: 'Error', errorMessage: 'early' });
  });

  it('times out in virtual time as AWS writes it, and drops the environment', async () => {
    const world = new LambdaWorld();
    world.deploy('fn', 'let n = 0; exports.handler = async (event) => { n++; if (event.slow) await new Promise((r) => setTimeout(r, 60000)); return n; }');
    expect((await world.invoke('fn')).result).toBe(1);
    const answer = await world.invoke('fn', { slow: true });
    expect(answer.FunctionError).toBe('Unhandled');
    expect(answer.result.errorType).toBe('Sandbox.Timedout');
    expect(answer.result.errorMessage).toMatch(/^RequestId: [0-9a-f-]{36} Error: Task timed out after 3.00 seconds$/);
    expect((await world.invoke('fn')).result).toBe(1);
  });

  it('fails when a promise never settles and nothing is pending', async () => {
    expect((await run('exports.handler = () => new Promise(() => {})')).result.errorType).toBe('Runtime.NodeJsExit');
  });

  it('stalls virtual time while a handler does real I/O', async () => {
    const source = `const fs = require('fs/promises');
      exports.handler = async () => { const t = Date.now(); const text = await fs.readFile(__filename, 'utf8'); return [text.length > 10, Date.now() - t]; }`;
    expect((await run(source)).result).toEqual([true, 0]);
  });

  it('fails with Runtime.ExitError when the handler exits', async () => {
    const { result } = await run('exports.handler = async () => { process.exit(3); }');
    expect(result.errorType).toBe('Runtime.ExitError');
    expect(result.errorMessage).toMatch(/Runtime exited with error: exit status 3$/);
  });

  it('fails the invocation when a timer throws', async () => {
    const { result } = await run('exports.handler = async () => { setTimeout(() => { throw new Error("in timer"); }, 5); await new Promise(() => {}); }');
    expect(result).toMatchObject({ errorType: 'Error', errorMessage: 'in timer' });
  });

  it.each([
    ['an exception while loading', 'throw new RangeError("at load");', 'RangeError', 'at load'],
    ['a syntax error', 'exports.handler = async () => {', 'Runtime.UserCodeSyntaxError', 'SyntaxError: '],
    ['a missing module', 'require("nowhere");', 'Runtime.ImportModuleError', "Error: Cannot find module 'nowhere'"],
    ['a missing handler', 'exports.other = 1;', 'Runtime.HandlerNotFound', 'index.handler is undefined or not exported'],
  ])('fails the invocation on %s', async (_what, source, errorType, message) => {
    const { result, FunctionError } = await run(source);
    expect(FunctionError).toBe('Unhandled');
    expect(result.errorType).toBe(errorType);
    expect(result.errorMessage).toContain(message);
  });

  it('fails when the response is not JSON, or larger than 6 MB', async () => {
    expect((await run('exports.handler = async () => { const a = {}; a.a = a; return a; }')).result).toEqual({
      errorType: 'Error', errorMessage: 'Unable to stringify response body',
    });
    expect((await run('exports.handler = async () => "x".repeat(6291555)')).result.errorType).toBe('Function.ResponseSizeTooLarge');
    expect((await run('exports.handler = async () => "x".repeat(6291554)')).FunctionError).toBeUndefined();
  });

  it('names what has no place in the simulated world', async () => {
    const error = async (source: string) => (await run(source)).result.errorMessage;
    expect(await error('exports.handler = async () => fetch("https://example.com")')).toMatch(/^function fn calls fetch\(\): .* no network/);
    expect(await error('exports.handler = async () => require("https").request("https://example.com")')).toMatch(/function fn opens a network connection/);
    expect(await error('exports.handler = async () => require("child_process")')).toMatch(/starts processes: not simulated/);
    const world = new LambdaWorld();
    expect(() => world.deploy('esm', { 'index.mjs': 'export const handler = 1;' })).toThrow(/index.mjs is an ES module; the simulator runs CommonJS/);
    expect(() => world.deploy('python', '', { Runtime: 'python3.13' })).toThrow("runtime 'python3.13' is not simulated");
  });

  it('recognizes a handler that waits in a loop for the clock', async () => {
    const { result } = await run('exports.handler = async () => { const end = Date.now() + 10; while (Date.now() < end); }');
    expect(result.errorMessage).toMatch(/waits in a loop for the clock to advance/);
  }, 30_000);

  it('lets a module replace globals, and declare names of its own like them', async () => {
    expect((await run('globalThis.Date = { now: () => 7 }; exports.handler = async () => Date.now()')).result).toBe(7);
    expect((await run('Math = { max: () => 7 }; exports.handler = async () => Math.max(1, 2)')).result).toBe(7);
    expect((await run('globalThis["JSON"] = { stringify: () => 7 }; exports.handler = async () => JSON.stringify({})')).result).toBe(7);
    expect((await run('Object.defineProperty(globalThis, "isNaN", { value: () => 7 }); exports.handler = async () => isNaN(1)')).result).toBe(7);
    expect((await run('class Map { size = 7 } const Set = Map; exports.handler = async () => new Set().size')).result).toBe(7);
  });

  it('stands in for other runtimes with JavaScript registered by construct path', async () => {
    const world = new LambdaWorld({
      lambda: {
        functionOverrides: {
          'Stack/python': async (event, context, { sleep, now }) => {
            const start = now();
            await sleep(250);
            return { event, name: context.functionName, waited: now() - start };
          },
        },
      },
    });
    world.deploy('python', '', { Runtime: 'python3.13', Handler: 'app.handler' });
    expect((await world.invoke('python', { a: 1 })).result).toEqual({ event: { a: 1 }, name: 'python', waited: 250 });
  });

  it('compiles a bundle once and evaluates it afresh in each environment', async () => {
    const directory = bundle({ 'index.js': 'let n = 0; exports.handler = async () => ++n;' });
    const results = [];
    for (let i = 0; i < 2; i++) {
      const world = new LambdaWorld();
      world.create('AWS::Lambda::Function', {
        FunctionName: 'fn', Role: 'role', Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { S3Bucket: 'b', S3Key: 'k' },
      }, 'Stack/fn', { k: directory });
      results.push((await world.invoke('fn')).result);
    }
    expect(results).toEqual([1, 1]);
  });
});

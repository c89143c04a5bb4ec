import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { inlineFunction, newStack, rendering } from './fixtures';
import { ExternalGroupOptions, FunctionGroupOptions, Stealing, TaskRouter, WorkerGroup, WorkStealingPool, WorkStealingPoolProps } from '../../src';

const unknown = Lazy.number({ produce: () => 60 });
const SECOND = Duration.seconds(1);

describe('misuse of a pool is refused with one clear sentence', () => {
  it.each<[string, WorkStealingPoolProps, string]>([
    ['too short a lease', { lease: Duration.seconds(9) }, 'lease must be from 10 s to 600 s, received 9 s [Test/Render]'],
    ['too long a lease', { lease: Duration.minutes(11) }, 'lease must be from 10 s to 600 s, received 660 s'],
    ['a lease of a fraction of a second', { lease: Duration.millis(10_500) }, 'lease must be whole seconds and at least 1, received 10.5 s'],
    ['a lease that nobody knows', { lease: Duration.seconds(unknown) }, 'lease must be known at synthesis, received a token; give it as a number'],
    ['no attempt', { maxReceiveCount: 0 }, 'maxReceiveCount must be a whole number from 1 to 1000, received 0'],
    ['too many attempts', { maxReceiveCount: 1001 }, 'maxReceiveCount must be a whole number from 1 to 1000, received 1001'],
    ['no delay', { retryDelay: Duration.seconds(0) }, 'retryDelay must be whole seconds and at least 1, received 0 s'],
    ['too long a delay', { retryDelay: Duration.minutes(16) }, 'retryDelay must be from 1 s to 900 s, received 960 s'],
    ['forgetting what a queue still has', { taskRetention: Duration.days(13) },
      'taskRetention must be at least 1209600 s, as long as a queue keeps a message, received 1123200 s; what is forgotten is done twice'],
    ['a retention that nobody knows', { taskRetention: Duration.seconds(unknown) }, 'taskRetention must be known at synthesis'],
    ['an alarm beyond the queue\'s end', { alarms: { oldestAge: Duration.days(14) } }, 'oldestAge must be from 1 s to 1123200 s, received 1209600 s'],
  ])('%s', (_, props, sentence) => {
    expect(() => rendering(newStack(), props)).toThrow(sentence);
  });

  it.each<[string, WorkStealingPoolProps]>([
    ['the least', { lease: Duration.seconds(10), maxReceiveCount: 1, retryDelay: SECOND, taskRetention: Duration.days(14), alarms: { oldestAge: SECOND } }],
    ['the most', { lease: Duration.minutes(10), maxReceiveCount: 1000, retryDelay: Duration.minutes(15), taskRetention: Duration.days(3650), alarms: { oldestAge: Duration.days(13) } }],
  ])('and not %s', (_, props) => {
    expect(() => rendering(newStack(), props)).not.toThrow();
  });

  it('no group at all', () => {
    const app = new App();
    new WorkStealingPool(new Stack(app, 'Test'), 'Render');
    expect(() => app.synth()).toThrow('a work-stealing pool needs at least one group; call addGroup');
  });

  it('a victim that nobody has added', () => {
    const app = new App();
    const stack = new Stack(app, 'Test');
    rendering(stack, {}, { stealsFrom: ['Cpu', 'Fleet'] });
    expect(() => app.synth()).toThrow("stealsFrom of group 'Gpu' must name groups of the pool ('Gpu', 'Cpu'), received 'Fleet'");
  });
});

describe('misuse of a group is refused with one clear sentence', () => {
  it.each([
    ['without an id', '', "the id of a group must be 1 to 32 letters, digits and any of _ -, received '' [Test/Render]"],
    ['with a long id', 'a'.repeat(33), `received '${'a'.repeat(33)}'`],
    ['with a slash', 'a/b', "received 'a/b'"],
    ['with a part\'s id', 'Table',
      "the id of a group must not be that of a part of the pool (Alarms, Coordinate, CoordinateLogs, CoordinateRole, Route, RouteLogs, RouteRole, Submit, SubmitDeadLetters, Table, Tick), received 'Table'"],
    ['with another\'s id', 'Gpu', "there is a group 'Gpu' already; ids must be unique"],
  ])('%s', (_, id, sentence) => {
    expect(() => rendering(newStack()).addGroup(id, WorkerGroup.external())).toThrow(sentence);
  });

  it('with the id of any part of the pool', () => {
    const pool = new WorkStealingPool(newStack(), 'Render');
    for (const { node: { id } } of pool.node.children) expect(() => pool.addGroup(id, WorkerGroup.external())).toThrow(`received '${id}'`);
  });

  it('an eleventh, and not a tenth', () => {
    const pool = rendering(newStack());
    for (let index = 2; index < 10; index++) pool.addGroup(`G${index}`, WorkerGroup.external());
    expect(() => pool.addGroup('OneMore', WorkerGroup.external())).toThrow("a pool must have at most 10 groups, received 'OneMore' as one more; give it to a second pool");
  });

  it('stealing from itself', () => {
    expect(() => rendering(newStack(), {}, { stealsFrom: ['Gpu'] })).toThrow("stealsFrom of group 'Gpu' must name other groups, received its own; leave it out");
  });

  it('stealing where nothing is stolen', () => {
    expect(() => rendering(newStack(), { stealing: Stealing.disabled() }, { stealsFrom: ['Cpu'] }))
      .toThrow("stealsFrom of group 'Gpu' has no meaning with Stealing.disabled; leave one of them out");
  });

  it.each<[string, Partial<FunctionGroupOptions>, string]>([
    ['no place', { maxConcurrency: 0 }, 'maxConcurrency of WorkerGroup.function must be a whole number from 1 to 1000, received 0'],
    ['too many places', { maxConcurrency: 1001 }, 'maxConcurrency of WorkerGroup.function must be a whole number from 1 to 1000, received 1001'],
    ['places that nobody knows', { maxConcurrency: unknown }, 'maxConcurrency of WorkerGroup.function must be known at synthesis, received a token; give a number'],
    ['no weight', { weight: 0 }, 'weight of WorkerGroup.function must be above 0 and at most 1000, received 0'],
    ['too much weight', { weight: 1001 }, 'received 1001'],
    ['a weight that is no number', { weight: NaN }, 'received NaN'],
    ['a weight that nobody knows', { weight: unknown }, 'weight of WorkerGroup.function must be known at synthesis'],
    ['tasks of no time', { typicalTask: Duration.seconds(0) }, 'typicalTask of WorkerGroup.function must be longer than 0 s, received 0 s'],
    ['a time that nobody knows', { typicalTask: Duration.seconds(unknown) }, 'typicalTask of WorkerGroup.function must be known at synthesis'],
    ['a victim twice', { stealsFrom: ['Cpu', 'Cpu'] }, "stealsFrom of WorkerGroup.function must be different groups, received 'Cpu' twice"],
    ['longer tasks than a runner lives for', { taskTimeout: Duration.seconds(841) },
      "taskTimeout of WorkerGroup.function must be from 3 s, as long as function 'Test/OnGpu' may run, to 840 s, received 841 s"],
    ['less time than the function may take', { taskTimeout: Duration.seconds(2) }, 'must be from 3 s, as long as function \'Test/OnGpu\' may run, to 840 s, received 2 s'],
    ['a fraction of a second for a task', { taskTimeout: Duration.millis(3_500) }, 'taskTimeout of WorkerGroup.function must be whole seconds and at least 1, received 3.5 s'],
  ])('%s', (_, options, sentence) => {
    expect(() => rendering(newStack(), {}, options)).toThrow(sentence);
  });

  it.each<[string, ExternalGroupOptions, string]>([
    ['no weight', { weight: 0 }, 'weight of WorkerGroup.external must be above 0 and at most 1000, received 0'],
    ['tasks of no time', { typicalTask: Duration.seconds(0) }, 'typicalTask of WorkerGroup.external must be longer than 0 s, received 0 s'],
    ['a victim twice', { stealsFrom: ['A', 'A'] }, "stealsFrom of WorkerGroup.external must be different groups, received 'A' twice"],
  ])('outside the pool: %s', (_, options, sentence) => {
    expect(() => WorkerGroup.external(options)).toThrow(sentence);
  });

  it.each<[string, Partial<FunctionGroupOptions>]>([
    ['the least', { maxConcurrency: 1, weight: 0.001, typicalTask: Duration.millis(1), taskTimeout: Duration.seconds(3), stealsFrom: [] }],
    ['the most', { maxConcurrency: 1000, weight: 1000, typicalTask: Duration.days(1), taskTimeout: Duration.minutes(14), stealsFrom: ['Cpu'] }],
  ])('and not %s', (_, options) => {
    expect(() => rendering(newStack(), {}, options)).not.toThrow();
  });

  it('a function that may run for as long as its runner, and not for a minute less', () => {
    const group = (id: string, minutes: number) => {
      return WorkerGroup.function(inlineFunction(newStack(), id, { timeout: Duration.minutes(minutes) }), { maxConcurrency: 1 });
    };
    expect(() => group('Slow', 15)).toThrow(
      "the function of WorkerGroup.function must end within 840 s, received 'Test/Slow' with a timeout of 900 s; lower it, or do such tasks with WorkerGroup.external",
    );
    expect(() => group('Punctual', 14)).not.toThrow();
  });

  it('a function whose timeout nobody knows', () => {
    const stack = newStack();
    const sentence = (path: string) => `taskTimeout of WorkerGroup.function must be given for function '${path}', whose timeout is not known here; at most 840 s`;
    const imported = LambdaFunction.fromFunctionArn(stack, 'Imported', 'arn:aws:lambda:us-east-1:123456789012:function:gpu');
    expect(() => WorkerGroup.function(imported, { maxConcurrency: 1 })).toThrow(sentence('Test/Imported'));
    const late = inlineFunction(stack, 'Late', { timeout: Duration.seconds(unknown) });
    expect(() => WorkerGroup.function(late, { maxConcurrency: 1 })).toThrow(sentence('Test/Late'));
    expect(() => WorkerGroup.function(late, { maxConcurrency: 1, taskTimeout: SECOND })).not.toThrow();
    expect(() => WorkerGroup.function(imported, { maxConcurrency: 1, taskTimeout: Duration.seconds(0) })).toThrow('taskTimeout of WorkerGroup.function must be whole seconds and at least 1');
  });

  it('workers of one\'s own in a group that is a function', () => {
    const stack = newStack();
    const [gpu] = rendering(stack).groups;
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    expect(() => gpu.grantWork(role)).toThrow("grantWork is for WorkerGroup.external, received group 'Gpu', whose tasks the pool hands to its function [Test/Render/Gpu]");
    expect(() => gpu.workerSettings).toThrow('workerSettings is for WorkerGroup.external');
  });

  it('a function that commits to two pools', () => {
    const stack = newStack();
    const handler = inlineFunction(stack, 'Commits');
    const other = new WorkStealingPool(stack, 'Other').addGroup('Fleet', WorkerGroup.external());
    const [gpu] = rendering(stack).groups;
    gpu.addCommitter(handler);
    expect(() => other.addCommitter(handler))
      .toThrow("function 'Test/Commits' commits to 'Test/Render/Table' already, and its environment names one table; use grantCommit and name the table in its code [Test/Other/Fleet]");
  });

  it.each([
    ['the router', 'p'.repeat(80), undefined, /the settings of the router must fit into an environment of 4096 bytes, received about 4\d\d\d; give groups shorter ids or fewer stealsFrom, or make two pools of them/],
    ['the coordinator', 'Render', Array.from({ length: 10 }, (_, index) => index), /the settings of the coordinator must fit into an environment of 4096 bytes, received about \d{4};/],
  ])('more than fits into the environment of %s', (_, id, named, sentence) => {
    expect(() => many(id, named)).toThrow(sentence);
  });

  it('and not what just fits', () => {
    expect(() => many('Render', undefined)).not.toThrow();
  });
});

describe('misuse of routers and stealing is refused with one clear sentence', () => {
  it.each<[string, () => unknown, string]>([
    ['no member', () => TaskRouter.affinity(''), "member of TaskRouter.affinity must be names with dots between them, 128 characters at most, received ''"],
    ['a dot too many', () => TaskRouter.affinity('tenant..id'), "received 'tenant..id'"],
    ['a JSON path', () => TaskRouter.affinity('$. tenant'), "received '$. tenant'"],
    ['too long a member', () => TaskRouter.affinity('a'.repeat(129)), '128 characters at most'],
    ['too short an interval', () => Stealing.leader({ interval: Duration.seconds(4) }), 'interval of Stealing.leader must be from 5 s to 300 s, received 4 s'],
    ['too long an interval', () => Stealing.leader({ interval: Duration.minutes(6) }), 'interval of Stealing.leader must be from 5 s to 300 s, received 360 s'],
    ['an interval of a fraction of a second', () => Stealing.leader({ interval: Duration.millis(5_500) }), 'interval of Stealing.leader must be whole seconds'],
    ['an interval that nobody knows', () => Stealing.leader({ interval: Duration.seconds(unknown) }), 'interval of Stealing.leader must be known at synthesis'],
    ['a gain that nobody knows', () => Stealing.leader({ minimumGain: Duration.seconds(unknown) }), 'minimumGain of Stealing.leader must be known at synthesis, received a token; give it as a number'],
  ])('%s', (_, build, sentence) => {
    expect(build).toThrow(sentence);
  });

  it.each<[string, () => unknown]>([
    ['the bounds of an interval, or no gain', () => [Stealing.leader({ interval: Duration.seconds(5), minimumGain: Duration.seconds(0) }), Stealing.leader({ interval: Duration.minutes(5) })]],
    ['a member of a member', () => [TaskRouter.affinity('tenant.id'), TaskRouter.affinity('a'.repeat(128))]],
  ])('and not %s', (_, build) => {
    expect(build).not.toThrow();
  });
});

describe('a warning that one shared queue would do as well', () => {
  const warningOf = (build: (pool: WorkStealingPool, stack: Stack) => void, props: WorkStealingPoolProps = {}) => {
    const stack = newStack();
    build(new WorkStealingPool(stack, 'Render', props), stack);
    return Annotations.fromStack(stack).findWarning('/Test/Render', Match.anyValue()).map(({ entry }) => entry.data);
  };
  const same = (pool: WorkStealingPool, stack: Stack) => {
    const handler = inlineFunction(stack, 'Same');
    for (const id of ['A', 'B']) pool.addGroup(id, WorkerGroup.function(handler, { maxConcurrency: 1 }));
  };

  it('of one group', () => {
    expect(warningOf((pool) => pool.addGroup('Fleet', WorkerGroup.external()))).toEqual([expect.stringContaining('a pool with one group has nobody to steal from; one queue in front of its workers would do as well')]);
  });

  it('of groups that are all the same function', () => {
    expect(warningOf(same)).toEqual([expect.stringContaining('all groups are the same function and nothing binds a task to a group; one queue in front of the function would do as well')]);
  });

  it.each<[string, (pool: WorkStealingPool, stack: Stack) => void, WorkStealingPoolProps]>([
    ['tasks are bound to one of them', same, { router: TaskRouter.affinity('tenantId') }],
    ['there is a group outside the pool, too', (pool, stack) => { same(pool, stack); pool.addGroup('Fleet', WorkerGroup.external()); }, {}],
    ['all are outside the pool', (pool) => { pool.addGroup('Fleet', WorkerGroup.external()); pool.addGroup('Other', WorkerGroup.external()); }, {}],
  ])('and not when %s', (_, build, props) => {
    expect(warningOf(build, props)).toEqual([]);
  });

  it('and not when the functions are two', () => {
    const stack = newStack();
    rendering(stack);
    Annotations.fromStack(stack).hasNoWarning('/Test/Render', Match.anyValue());
  });
});

/** Ten functions' groups, which steal from all others but one, by name, when told so. */
function many(poolId: string, named: readonly number[] | undefined): void {
  const app = new App();
  const stack = new Stack(app, 'RenderFarm-Production');
  const pool = new WorkStealingPool(stack, poolId);
  const name = (index: number) => `customers-with-gpu-${index}`;
  for (let index = 0; index < 10; index++) {
    const stealsFrom = named?.filter((other) => other !== index).map(name);
    pool.addGroup(name(index), WorkerGroup.function(inlineFunction(stack, `On${index}`), { maxConcurrency: 1000, stealsFrom }));
  }
  app.synth();
}

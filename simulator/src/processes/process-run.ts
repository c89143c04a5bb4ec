import * as path from 'path';
import { readableName } from '../cloudformation/readable-name';
import type { World } from '../service';
import { OutsideProcess, type ProcessEnd } from './outside-process';
import { ProcessLog } from './process-log';
import { FunctionCode } from '../services/lambda/code';
import { clockSkew } from '../services/lambda/runtime/clock';
import { createRealm } from '../services/lambda/runtime/realm';
import { ENVIRONMENT_NAMES } from '../services/lambda/runtime/script-cache';
import { ownRejections } from '../services/lambda/runtime/unhandled-rejections';
import type { ResourceDirectory } from '../simulation/directory';

/** A process outside Lambda: a container, or a program on an instance. */
export interface ProcessOptions {
  /** The directory of its bundle. */
  readonly code: string;
  /** Its main function, as `file.function` (default `index.handler`). */
  readonly handler?: string;
  /** The role with which it calls AWS, by logical id or construct path; it trusts ECS tasks or EC2. */
  readonly role: string;
  /** Its environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Its name in traces and for fault plans (default: the role's). */
  readonly name?: string;
  /** The log group that gets what it writes, by logical id or construct path (default: none). */
  readonly logGroup?: string;
  /** How long it has after SIGTERM, in milliseconds (default 30,000). */
  readonly stopTimeoutMs?: number;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout) */
const STOP_TIMEOUT_MS = 30_000;

/**
 * Whose roles code outside Lambda can have.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html
 */
const MACHINES = ['ecs-tasks.amazonaws.com', 'ec2.amazonaws.com'];

/** A process that was started, while the simulation runs. */
export class ProcessRun {
  /** Resolves when it has ended. */
  readonly result: Promise<ProcessEnd>;
  /** Undefined until it has ended. */
  end?: ProcessEnd;
  private readonly process: OutsideProcess;
  private readonly stopTimeoutMs: number;
  private stopTimer?: { cancel(): void };

  constructor(private readonly world: World, directory: ResourceDirectory, options: ProcessOptions, count: number) {
    const { kernel } = world;
    const resource = directory.find(options.role, ['AWS::IAM::Role']);
    const name = options.name ?? readableName(resource.path);
    const role = String(resource.provisioned.attributes!.Arn);
    if (!MACHINES.some((service) => world.iam.canAssume(service, role))) {
      throw new Error(`process ${name}: the role ${options.role} trusts neither ${MACHINES.join(' nor ')}`);
    }
    const handler = options.handler ?? 'index.handler';
    const code = FunctionCode.fromAsset(path.resolve(options.code), `process ${name}`);
    code.refuseModules(handler.replace(/\.[^./]*$/, ''), `process ${name}`);
    this.stopTimeoutMs = options.stopTimeoutMs ?? STOP_TIMEOUT_MS;
    const random = kernel.random.fork(`process/${name}/${count}`);
    const clockSkewMs = clockSkew(world, name);
    const realm = createRealm({
      kernel,
      random: random.fork('realm'),
      owner: `process ${name}`,
      current: () => this.process.globals,
      currentNames: ENVIRONMENT_NAMES,
      clockSkewMs: () => clockSkewMs,
    });
    ownRejections(realm, () => this.process);
    let resolve: (end: ProcessEnd) => void;
    this.result = new Promise((resolved) => resolve = resolved);
    this.process = new OutsideProcess({
      world,
      name,
      role,
      variables: { AWS_REGION: world.region, AWS_DEFAULT_REGION: world.region, TZ: ':UTC', ...options.environment },
      random,
      clockSkewMs,
      realm,
      code,
      handler,
      log: new ProcessLog(world, options.logGroup === undefined ? undefined : String(directory.find(options.logGroup, ['AWS::Logs::LogGroup']).provisioned.ref)),
      ended: (end) => {
        this.record(name, 'process.end', { exitCode: end.exitCode });
        this.stopTimer?.cancel();
        this.end = end;
        resolve(end);
      },
    });
    kernel.schedule(0, () => {
      if (this.end) return;
      this.record(name, 'process.start');
      this.process.start();
    });
  }

  /** SIGTERM, and SIGKILL for what still runs after the stop timeout: what ECS does when it stops a task. */
  stop() {
    this.process.terminate();
    if (!this.end) this.stopTimer ??= this.world.kernel.schedule(this.stopTimeoutMs, () => this.kill());
  }

  /** Dies at once. What it had asked for still happens, and what it had received stays in flight. */
  kill() {
    this.process.crash();
  }

  private record(subject: string, event: string, detail: Record<string, unknown> = {}) {
    this.world.trace.record({ at: this.world.kernel.now, subject, event, detail });
  }
}

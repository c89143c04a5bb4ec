import type { World } from '../../service';

/** As much of the log service as functions need. */
interface LogsService {
  readonly name: string;
  readonly operations: any;
  readonly resources: any;
  write(logGroupName: string, line: string): void;
}

export interface LogConfiguration {
  readonly group: string;
  readonly format: 'Text' | 'JSON';
  readonly applicationLevel: string;
  readonly systemLevel: string;
}

export interface InvocationReport {
  readonly requestId: string;
  readonly durationMs: number;
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly initMs?: number;
  readonly status: 'success' | 'error' | 'timeout';
}

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * What a function writes to its log group, in Lambda's two formats.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export class FunctionLog {
  /** Undefined until asked for, null when the world has no log service or the role may not write. */
  private logs: LogsService | null | undefined;

  /** `permitted` is asked once, when there is something to write. */
  constructor(private readonly world: World, private readonly configuration: LogConfiguration, private readonly permitted: () => boolean) {}

  /** One console call. `text` formats its arguments; it is asked for only when somebody reads logs. */
  application(level: string, requestId: string, args: readonly any[], text: () => string) {
    if (!this.enabled()) return;
    if (this.configuration.format === 'Text') {
      this.write(`${this.time()}\t${requestId}\t${level}\t${text()}`);
    } else if (LEVELS.indexOf(level) >= LEVELS.indexOf(this.configuration.applicationLevel)) {
      const message = args.length === 1 && typeof args[0] === 'object' && args[0] !== null && !('stack' in args[0]) ? args[0] : text();
      this.write(JSON.stringify({ timestamp: this.time(), level, requestId, message }));
    }
  }

  /** What the handler itself writes to stdout or stderr: each line is an entry, as it is. */
  raw(text: string) {
    if (!this.enabled()) return;
    for (const line of text.split('\n')) if (line !== '') this.write(line);
  }

  start(requestId: string, version: string) {
    if (!this.enabled()) return;
    if (this.configuration.format === 'Text') this.write(`START RequestId: ${requestId} Version: ${version}`);
    else this.platform('platform.start', { requestId, version });
  }

  timeout(requestId: string, seconds: number) {
    if (this.enabled() && this.configuration.format === 'Text') this.write(`${this.time()} ${requestId} Task timed out after ${seconds.toFixed(2)} seconds`);
  }

  report({ requestId, durationMs, billedMs, memoryMb, initMs, status }: InvocationReport) {
    if (!this.enabled()) return;
    // The memory that is used is not simulated.
    const used = Math.min(memoryMb, 90);
    if (this.configuration.format === 'Text') {
      const init = initMs === undefined ? '' : `Init Duration: ${initMs.toFixed(2)} ms\t`;
      this.write(`END RequestId: ${requestId}`);
      this.write(`REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${billedMs} ms\t`
        + `Memory Size: ${memoryMb} MB\tMax Memory Used: ${used} MB\t${init}`);
    } else {
      const metrics = { durationMs, billedDurationMs: billedMs, memorySizeMB: memoryMb, maxMemoryUsedMB: used, initDurationMs: initMs };
      this.platform('platform.report', { requestId, metrics, status });
    }
  }

  private platform(type: string, record: Record<string, unknown>) {
    if (LEVELS.indexOf('INFO') < LEVELS.indexOf(this.configuration.systemLevel)) return;
    this.write(JSON.stringify({ time: this.time(), type, record }));
  }

  private enabled(): boolean {
    if (this.logs === undefined) {
      try {
        const logs = this.world.service<LogsService>('logs');
        this.logs = this.permitted() ? logs : null;
      } catch {
        this.logs = null;
      }
    }
    return this.logs !== null;
  }

  private write(line: string) {
    this.logs!.write(this.configuration.group, line);
  }

  private time(): string {
    return new Date(this.world.kernel.now).toISOString();
  }
}

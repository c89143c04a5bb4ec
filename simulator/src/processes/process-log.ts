import type { World } from '../service';
import type { LogsService } from '../services/cloudwatch';

/**
 * What a process writes, line by line, in the log group that its log driver names; nowhere without one. The driver writes with the role of the machine,
 * not the process's. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
export class ProcessLog {
  constructor(private readonly world: World, private readonly group: string | undefined) {}

  /** One console call. */
  application(_level: string, _requestId: string, _args: readonly any[], text: () => string) {
    if (this.group !== undefined) this.raw(text());
  }

  raw(text: string) {
    const { group } = this;
    if (group === undefined) return;
    const logs = this.world.service<LogsService>('logs');
    for (const line of text.split('\n')) if (line !== '') logs.write(group, line);
  }
}

/** What a pipe tells a log group of its executions. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs.html */
import type { Caller, World } from '../../service';
import type { LogsService } from '../cloudwatch';

const LEVELS = ['OFF', 'ERROR', 'INFO', 'TRACE'] as const;
type Level = typeof LEVELS[number];

/**
 * The steps of an execution and the lowest level that has them.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs.html#eb-pipes-logs-level
 */
const STEPS = {
  EXECUTION_STARTED: 'INFO',
  EXECUTION_SUCCEEDED: 'INFO',
  EXECUTION_FAILED: 'ERROR',
  EXECUTION_PARTIALLY_FAILED: 'ERROR',
  EXECUTION_THROTTLED: 'ERROR',
  EXECUTION_TIMEOUT: 'ERROR',
  ENRICHMENT_STAGE_ENTERED: 'INFO',
  ENRICHMENT_INVOCATION_STARTED: 'TRACE',
  ENRICHMENT_INVOCATION_SUCCEEDED: 'TRACE',
  ENRICHMENT_INVOCATION_FAILED: 'ERROR',
  ENRICHMENT_STAGE_SUCCEEDED: 'INFO',
  ENRICHMENT_STAGE_FAILED: 'ERROR',
  TARGET_STAGE_ENTERED: 'INFO',
  TARGET_STAGE_SKIPPED: 'TRACE',
  TARGET_TRANSFORMATION_STARTED: 'TRACE',
  TARGET_TRANSFORMATION_SUCCEEDED: 'TRACE',
  TARGET_INVOCATION_STARTED: 'TRACE',
  TARGET_INVOCATION_SUCCEEDED: 'TRACE',
  TARGET_INVOCATION_FAILED: 'ERROR',
  TARGET_INVOCATION_PARTIALLY_FAILED: 'ERROR',
  TARGET_STAGE_SUCCEEDED: 'INFO',
  TARGET_STAGE_FAILED: 'ERROR',
  TARGET_STAGE_PARTIALLY_FAILED: 'ERROR',
} as const satisfies Record<string, Level>;

export type Step = keyof typeof STEPS;

/** Execution data: only in the records of those who have asked for it. */
const DATA_FIELDS = ['payload', 'awsRequest', 'awsResponse'] as const;

export interface StepDetail extends Partial<Record<typeof DATA_FIELDS[number], unknown>> {
  readonly error?: string;
}

/** Tells of one step of an execution. */
export type StepLog = (step: Step, detail?: StepDetail) => void;

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs.html#eb-pipes-logs-execution-data-truncation */
const LARGEST_RECORD_BYTES = 256 * 1024;

export class PipeLog {
  private readonly level: Level;
  private readonly group?: string;
  private readonly withData: boolean;
  private readonly ids;

  /** Checks `LogConfiguration`; throws a sentence naming what is wrong. */
  constructor(private readonly world: World, private readonly pipeArn: string, private readonly caller: Caller, configuration: any = {}) {
    const { Level = 'OFF', IncludeExecutionData: data = [], CloudwatchLogsLogDestination: destination } = configuration;
    if (!LEVELS.includes(Level)) throw new Error(`LogConfiguration.Level is ${JSON.stringify(Level)}; allowed: ${LEVELS.join(', ')}`);
    if (data.some((each: unknown) => each !== 'ALL')) throw new Error(`LogConfiguration.IncludeExecutionData is ${JSON.stringify(data)}; allowed: ["ALL"]`);
    if (Level !== 'OFF' && !destination) throw new Error(`LogConfiguration.Level is ${Level}, and there is no CloudwatchLogsLogDestination`);
    this.level = Level;
    this.withData = data.length > 0;
    this.group = destination && String(destination.LogGroupArn).split(':').slice(6).join(':').replace(/:\*$/, '');
    this.ids = world.kernel.random.fork(`pipes/executions/${pipeArn}`);
  }

  /** For the steps of one execution. */
  execution(): StepLog {
    const { group } = this;
    if (this.level === 'OFF' || group === undefined) return () => {};
    const executionId = this.ids.uuid();
    return (step, detail = {}) => {
      if (LEVELS.indexOf(STEPS[step]) <= LEVELS.indexOf(this.level)) this.write(group, this.recordOf(executionId, step, detail));
    };
  }

  /**
   * The schema: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-logs-schema.html. Of the error's fields only those that
   * are known here are filled in.
   */
  private recordOf(executionId: string, messageType: Step, { error, ...data }: StepDetail): string {
    const record: Record<string, unknown> = {
      resourceArn: this.pipeArn,
      timestamp: Math.floor(this.world.kernel.now),
      executionId,
      messageType,
      logLevel: this.level,
      ...(this.withData && Object.fromEntries(DATA_FIELDS.filter((field) => data[field] !== undefined).map((field) => [field, asText(data[field])]))),
      ...(error !== undefined && { error: { message: error } }),
    };
    return JSON.stringify(truncated(record));
  }

  /**
   * AWS's pages on vended logs name permissions of whoever creates the pipe, the CDK grants the pipe's role: without that grant
   * nothing is logged here. A log that cannot be written does not hold up the pipe.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
   */
  private write(group: string, line: string) {
    const { world, caller } = this;
    const resource = `arn:aws:logs:${world.region}:${world.account}:log-group:${group}:log-stream:${this.pipeArn.split('/').pop()}`;
    const allowed = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => world.iam.attempt(caller.principal, { action, resource })).every(Boolean);
    if (allowed) world.service<LogsService>('logs').write(group, line);
    else world.trace.record({ at: world.kernel.now, subject: caller.name, event: 'pipes.logNotWritten', detail: { group } });
  }
}

/** "EventBridge truncates each field entirely before progressing to truncate the next field." */
function truncated(record: Record<string, unknown>): Record<string, unknown> {
  const result = { ...record };
  const truncatedFields: string[] = [];
  for (const field of DATA_FIELDS) {
    const excess = Buffer.byteLength(JSON.stringify({ ...result, truncatedFields: DATA_FIELDS })) - LARGEST_RECORD_BYTES;
    if (excess <= 0) break;
    if (typeof result[field] !== 'string') continue;
    result[field] = (result[field] as string).slice(0, Math.max(0, (result[field] as string).length - excess));
    truncatedFields.push(field);
  }
  return truncatedFields.length > 0 ? { ...result, truncatedFields } : result;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, (_, each) => (ArrayBuffer.isView(each) ? Buffer.from(each as Uint8Array).toString('utf8') : each));
}

import type { CloudWatchService } from './cloudwatch-service';
import { type LogLine, LogStore } from './log-store';
import { metricSink } from './metric';
import { compileMetricFilter, type MetricTransformation } from './metric-filter';
import type { ResourceProvider } from '../../cloudformation/resource-provider';
import type { PolicyDocument } from '../../iam/iam';
import { type Operation, type Service, ServiceError, type World } from '../../service';

/** Amazon CloudWatch Logs: groups, their latest lines, and what becomes of them. */
export class LogsService implements Service {
  readonly name = 'logs';
  readonly operations: Readonly<Record<string, Operation>> = {
    PutLogEvents: {
      // Permissions are for a group with all its streams, which is how grants and resource policies name it.
      access: (input) => [{ action: 'logs:PutLogEvents', resource: `${this.groupArn(String(input?.logGroupName))}:*` }],
      handle: (input) => this.putLogEvents(input),
    },
  };

  readonly resources: readonly ResourceProvider[] = [this.groupProvider(), this.metricFilterProvider(), this.policyProvider()];
  private readonly store = new LogStore();
  private readonly policies: PolicyDocument[] = [];

  constructor(private readonly world: World) {}

  /** Takes one line, with the metrics that it may carry. */
  write(group: string, message: string, at: number = this.world.kernel.now) {
    this.world.meter.add('logs.bytes', Buffer.byteLength(message));
    this.store.append(group, { at, message });
    (metricSink(this.world) as CloudWatchService | undefined)?.recordEmbeddedMetrics(message);
  }

  groups(): string[] {
    return this.store.names();
  }

  /** The latest lines of a group, oldest first; only so many are kept. */
  lines(group: string): readonly LogLine[] {
    return this.store.lines(group);
  }

  /** Calls back for each line that the group receives from now on. */
  listen(group: string, listener: (line: LogLine) => void) {
    this.store.listen(group, listener);
  }

  /** How many lines a group has received. */
  lineCount(group: string): number {
    return this.store.count(group);
  }

  private groupArn(name: string): string {
    return `arn:aws:logs:${this.world.region}:${this.world.account}:log-group:${name}`;
  }

  private putLogEvents(input: any) {
    const { logGroupName: group, logEvents: events } = input ?? {};
    if (!this.store.has(group)) throw new ServiceError('ResourceNotFoundException', `The specified log group does not exist: ${group}`);
    if (!Array.isArray(events) || events.length === 0) throw new ServiceError('InvalidParameterException', 'logEvents must be a list of at least one event');
    for (const { message, timestamp } of events as Array<{ message: string; timestamp: number }>) this.write(group, message, timestamp);
    return {};
  }

  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */
  private groupProvider(): ResourceProvider {
    return {
      type: 'AWS::Logs::LogGroup',
      properties: {
        LogGroupName: true,
        // Lines are kept by number here, not by age.
        RetentionInDays: 'inert',
        KmsKeyId: 'inert',
        LogGroupClass: 'inert',
        DataProtectionPolicy: 'inert',
        FieldIndexPolicies: 'inert',
        Tags: 'inert',
      },
      create: (resource) => {
        const name: string = resource.properties.LogGroupName ?? resource.generatedName(512);
        this.store.create(name);
        for (const policy of this.policies) this.applyPolicy(policy, name);
        return { ref: name, attributes: { Arn: `${this.groupArn(name)}:*` } };
      },
    };
  }

  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html */
  private metricFilterProvider(): ResourceProvider {
    return {
      type: 'AWS::Logs::MetricFilter',
      properties: {
        FilterName: true,
        FilterPattern: true,
        LogGroupName: true,
        MetricTransformations: [{
          MetricName: true, MetricNamespace: true, MetricValue: true, DefaultValue: true, Unit: true, Dimensions: [{ Key: true, Value: true }],
        }],
      },
      create: (resource) => {
        const { FilterPattern: pattern, LogGroupName: group, MetricTransformations: transformations } = resource.properties as {
          FilterPattern: string; LogGroupName: string; MetricTransformations: MetricTransformation[];
        };
        const filter = compileMetricFilter(pattern, transformations);
        this.store.listen(group, (line) => filter(line).forEach((record) => metricSink(this.world)?.recordMetric(record)));
        return { ref: resource.properties.FilterName ?? resource.generatedName() };
      },
    };
  }

  /** Lets services such as EventBridge write to groups; it belongs to the account and names the groups itself. */
  private policyProvider(): ResourceProvider {
    return {
      type: 'AWS::Logs::ResourcePolicy',
      properties: { PolicyName: true, PolicyDocument: true },
      create: ({ properties }) => {
        const { PolicyName, PolicyDocument: document } = properties;
        const policy = (typeof document === 'string' ? JSON.parse(document) : document) as PolicyDocument;
        this.policies.push(policy);
        for (const group of this.store.names()) this.applyPolicy(policy, group);
        return { ref: PolicyName };
      },
    };
  }

  private applyPolicy(policy: PolicyDocument, group: string) {
    this.world.iam.addResourcePolicy(`${this.groupArn(group)}:*`, policy);
  }
}

export const logsService = (world: World): LogsService => new LogsService(world);

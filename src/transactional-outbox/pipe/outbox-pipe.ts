import { CloudwatchLogsLogDestination, IEnrichment, ITarget, LogLevel, Pipe } from '@aws-cdk/aws-pipes-alpha';
import { Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DestinationTarget } from './destination-target';
import { EnvelopeTransformation } from './envelope-template';
import { fieldsOfEnvelopes, fieldsOfRows } from './event-fields';
import { FunctionEnrichment } from './function-enrichment';
import { newRows, typedChanges } from './record-filter';
import { RelayTarget } from './relay-target';
import { StreamSource } from './stream-source';
import { encryptedLogGroup } from '../../shared/log-group';
import { HandledOutbox } from '../handlers';

export interface OutboxPipeProps extends HandledOutbox {
  /** Whether there is nothing in the table but outbox rows. */
  readonly ownTable: boolean;
  readonly deadLetterQueue: Queue;
  readonly retryAttempts: number;
  readonly maximumAge: Duration;
  /** Makes the events, where no input template can. */
  readonly enrich?: LambdaFunction;
  /** Publishes in place of the pipe. */
  readonly relay?: LambdaFunction;
}

/** How events come from the stream to the destination. */
interface Route {
  readonly batchSize: number;
  readonly parallelizationFactor: number;
  readonly retryAttempts: number;
  readonly enrichment?: IEnrichment;
  readonly target: ITarget;
}

/** The relay publishes aggregate by aggregate: the more of them a batch has, the faster. */
const RELAY_BATCH_SIZE = 100;
/** @see https://docs.aws.amazon.com/eventbridge/latest/pipes-reference/API_PipeSourceDynamoDBStreamParameters.html */
const LARGEST_PARALLELIZATION = 10;
/** The relay knows poison when it sees it, so nothing but age ends its retries. */
const WITHOUT_END = -1;

/** A pipe with a role of its own and a log of its errors, without the events' data. Ids are children of `scope`. */
export function outboxPipe(scope: Construct, props: OutboxPipeProps): { readonly pipe: CfnPipe; readonly role: Role } {
  const description = `Events of ${props.outboxName}`;
  const role = new Role(scope, 'PipeRole', {
    description,
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/cross-service-confused-deputy-prevention.html
    assumedBy: new ServicePrincipal('pipes.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } } }),
  });
  const logGroup = encryptedLogGroup(scope, 'PipeLogs', { ...props, retention: props.logRetention });
  const { enrichment, target, ...reading } = routeOf(props);
  const pipe = new Pipe(scope, 'Pipe', {
    description,
    role,
    source: new StreamSource({ ...props, ...reading }),
    filter: props.sourceKind === 'ROWS' ? newRows(props.ownTable) : typedChanges(props.changeTypes!),
    enrichment,
    target,
    logLevel: LogLevel.ERROR,
    logDestinations: [new CloudwatchLogsLogDestination(logGroup)],
  });
  // A pipe that is created before its role's policy fails to be created.
  pipe.node.addDependency(role);
  return { pipe: pipe.node.defaultChild as CfnPipe, role };
}

function routeOf({ enrich, relay, destination, eventSource, sourceKind, retryAttempts }: OutboxPipeProps): Route {
  if (relay) return { batchSize: RELAY_BATCH_SIZE, parallelizationFactor: 1, retryAttempts: WITHOUT_END, target: new RelayTarget(relay) };
  // Parallel reading keeps the order of an item's changes, but an aggregate's rows are items of their own.
  const parallelizationFactor = destination.ordered && sourceKind === 'ROWS' ? 1 : LARGEST_PARALLELIZATION;
  const reading = { batchSize: destination.batchSize, parallelizationFactor, retryAttempts };
  if (enrich) {
    return { ...reading, enrichment: new FunctionEnrichment(enrich), target: new DestinationTarget(destination, fieldsOfEnvelopes(eventSource)) };
  }
  return { ...reading, target: new DestinationTarget(destination, fieldsOfRows(eventSource), new EnvelopeTransformation(eventSource)) };
}

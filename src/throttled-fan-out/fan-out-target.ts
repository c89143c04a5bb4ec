import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { HttpMethod, IApiDestination, IConnection, IEventBus } from 'aws-cdk-lib/aws-events';
import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Function as LambdaFunction, IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { IStateMachine, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { apiDestinationRule } from './api-destination-rule';
import { Destination } from './contract';
import { httpWorkflow } from './http-workflow';
import { grantExactly, grantInvokeExactly, grantSendMessage } from '../shared/grants';
import { misuse } from '../shared/misuse';

/** An HTTP endpoint. */
export interface HttpTargetProps {
  /** Where requests go: `https://` and a public name, or a private one that the connection leads to. */
  readonly url: string;

  /** Authorizes the requests; its secrets stay in it. */
  readonly connection: IConnection;

  /**
   * POST, PUT or PATCH.
   * @default HttpMethod.POST
   */
  readonly method?: HttpMethod;

  /**
   * Headers of each request, besides `Idempotency-Key` and those of the connection.
   * @default - none
   */
  readonly headers?: { [name: string]: string };
}

/**
 * What a target's destination may need to be set up.
 * @internal
 */
export interface TargetContext {
  /** The target: what is set up becomes its child. */
  readonly scope: Construct;
  readonly target: string;
  readonly fanOutName: string;
  readonly ratePerSecond: number;
  readonly deliveryTimeout: Duration;
  readonly maxAge: Duration;
  readonly deadLetterQueue: Queue;
  readonly logRetention: RetentionDays;
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
  /** The fan-out's bus, made when the first target needs it. */
  bus(): IEventBus;
}

/** @internal */
export interface BoundTarget {
  readonly destination: Destination;
  grantDeliver(dispatcher: IGrantable): void;
}

/** Methods whose requests carry a body by their nature. */
const METHODS_WITH_BODY: readonly HttpMethod[] = [HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH];

/** Where a target's messages go. All but a queue get a delivery: `{ id, fanOut, target, priority, tenant?, message, attributes, publishedAt }`. */
export class FanOutTarget {
  /**
   * A function, invoked synchronously with one delivery. An error that it throws is a failed attempt; what it returns is a success, but for
   * `{ throttled: true, retryAfterSeconds? }`, which says that it was too much and is no attempt.
   * @param handler gets each delivery as its event
   */
  public static function(handler: IFunction): FanOutTarget {
    return new FanOutTarget('FUNCTION', () => ({
      destination: { kind: 'FUNCTION', functionArn: handler.functionArn },
      grantDeliver: (dispatcher) => grantInvokeExactly(handler, dispatcher),
    }), handler);
  }

  /**
   * A standard queue, which gets the message and its attributes as they were published, an `id`, and the tenant as its message group.
   * @param queue gets the messages
   */
  public static queue(queue: IQueue): FanOutTarget {
    if (queue.fifo) {
      throw misuse(undefined, `the queue of FanOutTarget.queue must be a standard one, received '${queue.node.path}', a FIFO queue; what is paced by priority has no order`);
    }
    return new FanOutTarget('QUEUE', () => ({
      destination: { kind: 'QUEUE', queueUrl: queue.queueUrl },
      grantDeliver: (dispatcher) => grantSendMessage(queue, dispatcher),
    }));
  }

  /**
   * A Standard state machine: one execution a message, whose name makes a second start the first one. How the execution ends is not waited for.
   * @param stateMachine its executions have the delivery as their input
   */
  public static stateMachine(stateMachine: IStateMachine): FanOutTarget {
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    if ((stateMachine as Partial<StateMachine>).stateMachineType === StateMachineType.EXPRESS) {
      throw misuse(undefined, `the state machine of FanOutTarget.stateMachine must be a Standard one, received '${stateMachine.node.path}', an Express one, which starts again for a message that comes again`);
    }
    return new FanOutTarget('STATE_MACHINE', () => ({
      destination: { kind: 'STATE_MACHINE', stateMachineArn: stateMachine.stateMachineArn },
      grantDeliver: (dispatcher) => { grantExactly(dispatcher, stateMachine.stateMachineArn, ['states:StartExecution']); },
    }));
  }

  /**
   * An HTTP endpoint: one request a message, with the delivery as its JSON body and its id as `Idempotency-Key`. Status 2xx
   * is a success; 408, 425 and 429 say that it was too much, and are no attempts; all else is a failed attempt. An Express workflow sends it, so that the connection's secrets stay where they are; it cannot see
   * `Retry-After`, so give an endpoint that throttles an adaptive rate.
   * @param endpoint URL, connection, method and headers
   * @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
   */
  public static http(endpoint: HttpTargetProps): FanOutTarget {
    const { url, connection, method = HttpMethod.POST, headers = {} } = endpoint;
    if (!Token.isUnresolved(url) && !/^https:\/\/[^\s/]+/.test(url)) {
      throw misuse(undefined, `url of FanOutTarget.http must begin with https:// and a host, received '${url}'`);
    }
    if (!METHODS_WITH_BODY.includes(method)) {
      throw misuse(undefined, `method of FanOutTarget.http must be one of ${METHODS_WITH_BODY.join(', ')}, for the delivery is the body, received ${method}`);
    }
    return new FanOutTarget('HTTP', (context) => {
      const stateMachine = httpWorkflow(context.scope, 'Http', {
        ...context,
        description: `Requests of ${context.fanOutName} to ${context.target}`,
        endpoint: { url, connection, method, headers },
        timeout: context.deliveryTimeout,
      });
      return {
        destination: { kind: 'HTTP', stateMachineArn: stateMachine.stateMachineArn },
        // The caller also reads the encrypted definition, by the key that every dispatcher may use for the table.
        // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
        grantDeliver: (dispatcher) => { grantExactly(dispatcher, stateMachine.stateMachineArn, ['states:StartSyncExecution']); },
      };
    });
  }

  /**
   * An API destination, reached over a bus of the fan-out. EventBridge does not tell how a request ended: it retries by itself for at most a day, and
   * neither an adaptive rate nor a kill switch sees anything. Prefer `http`, unless the destination with its own rate is there already.
   * @param destination where the requests go; its connection signs them
   */
  public static apiDestination(destination: IApiDestination): FanOutTarget {
    return new FanOutTarget('API_DESTINATION', (context) => {
      const bus = context.bus();
      apiDestinationRule(context.scope, 'Deliveries', {
        ...context, bus, destination, description: `Deliveries of ${context.fanOutName} to ${context.target}`,
      });
      return {
        destination: { kind: 'API_DESTINATION', eventBusName: bus.eventBusName },
        grantDeliver: (dispatcher) => { grantExactly(dispatcher, bus.eventBusArn, ['events:PutEvents']); },
      };
    });
  }

  private constructor(
    private readonly kind: Destination['kind'],
    private readonly bind: (context: TargetContext) => BoundTarget,
    private readonly handler?: IFunction,
  ) {
  }

  /**
   * Whether its deliveries tell how they ended.
   * @internal
   */
  public get _tellsOutcomes(): boolean {
    return this.kind !== 'API_DESTINATION';
  }

  /**
   * How long a function may run, where that is known.
   * @internal
   */
  public get _timeout(): Duration | undefined {
    return (this.handler as LambdaFunction | undefined)?.timeout;
  }

  /** @internal */
  public _bind(context: TargetContext): BoundTarget {
    return this.bind(context);
  }
}

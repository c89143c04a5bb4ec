import { ApiDestination, type ApiDestinationProperties, type Invocation } from './api-destination';
import type { Connections } from './connections';
import type { PropertySchema, ResourceProvider } from '../../cloudformation/resource-provider';
import { type Operation, ServiceError, type World } from '../../service';

const PROPERTIES: PropertySchema = {
  Name: true, Description: 'inert', ConnectionArn: true, HttpMethod: true, InvocationEndpoint: true, InvocationRateLimitPerSecond: true,
};

/** What a rule's target asks EventBridge to do. */
export interface InvokeInput extends Invocation {
  readonly arn: string;
}

/** The API destinations of the account. */
export class ApiDestinations {
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-apidestination.html */
  readonly provider: ResourceProvider = {
    type: 'AWS::Events::ApiDestination',
    properties: PROPERTIES,
    create: ({ properties, generatedName }) => {
      const { arn } = this.create({ ...properties, Name: properties.Name ?? generatedName(64) });
      const arnForPolicy = arn.slice(0, arn.lastIndexOf('/'));
      return { ref: arnForPolicy.split('/')[1], attributes: { Arn: arn, ArnForPolicy: arnForPolicy } };
    },
  };

  /**
   * No API of AWS: what a rule does with its target's role.
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html#eb-target-permissions
   */
  readonly invoke: Operation = {
    access: ({ arn }: InvokeInput) => [{ action: 'events:InvokeApiDestination', resource: arn }],
    handle: ({ arn, ...invocation }: InvokeInput, { caller }) => {
      const destination = this.byArn.get(arn);
      if (!destination) throw new ServiceError('ResourceNotFoundException', `API destination ${arn} does not exist`);
      return destination.invoke(invocation, caller);
    },
  };

  private readonly byArn = new Map<string, ApiDestination>();

  constructor(private readonly world: World, private readonly connections: Connections) {}

  create(properties: ApiDestinationProperties): ApiDestination {
    const { account, region, kernel } = this.world;
    const { Name: name, ConnectionArn } = properties;
    const connection = this.connections.find(ConnectionArn);
    if (!connection) throw new Error(`connection ${ConnectionArn} of API destination '${name}' does not exist`);
    const id = kernel.random.fork(`events/api-destination/${name}`).uuid();
    const destination = new ApiDestination(this.world, `arn:aws:events:${region}:${account}:api-destination/${name}/${id}`, connection, properties);
    this.byArn.set(destination.arn, destination);
    return destination;
  }

  find(arn: string): ApiDestination | undefined {
    return this.byArn.get(arn);
  }
}

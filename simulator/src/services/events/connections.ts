import { Connection, type ConnectionProperties } from './connection';
import type { PropertySchema, ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

const PARAMETER: PropertySchema = { Key: true, Value: true, IsValueSecret: 'inert' };
const HTTP_PARAMETERS: PropertySchema = { HeaderParameters: [PARAMETER], QueryStringParameters: [PARAMETER], BodyParameters: [PARAMETER] };
const PROPERTIES: PropertySchema = {
  Name: true,
  Description: 'inert',
  AuthorizationType: true,
  AuthParameters: {
    ApiKeyAuthParameters: { ApiKeyName: true, ApiKeyValue: true },
    BasicAuthParameters: { Username: true, Password: true },
    OAuthParameters: {
      AuthorizationEndpoint: true,
      HttpMethod: true,
      ClientParameters: { ClientID: true, ClientSecret: true },
      OAuthHttpParameters: HTTP_PARAMETERS,
    },
    InvocationHttpParameters: HTTP_PARAMETERS,
  },
  KmsKeyIdentifier: 'inert',
};

/** The connections of the account. */
export class Connections {
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-connection.html */
  readonly provider: ResourceProvider = {
    type: 'AWS::Events::Connection',
    properties: PROPERTIES,
    create: ({ properties, generatedName }) => {
      const name: string = properties.Name ?? generatedName(64);
      const { arn, secretArn } = this.create({ ...properties, Name: name });
      return { ref: name, attributes: { Arn: arn, ArnForPolicy: arn.slice(0, arn.lastIndexOf('/')), SecretArn: secretArn } };
    },
  };

  private readonly byArn = new Map<string, Connection>();

  constructor(private readonly world: World) {}

  create(properties: ConnectionProperties): Connection {
    const { account, region, kernel } = this.world;
    const { Name: name } = properties;
    const ids = kernel.random.fork(`events/connection/${name}`);
    const arn = `arn:aws:events:${region}:${account}:connection/${name}/${ids.uuid()}`;
    // EventBridge keeps the credentials in a secret of this name: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection.html
    const secretArn = `arn:aws:secretsmanager:${region}:${account}:secret:events!connection/${name}/${ids.uuid()}-${ids.uuid().slice(0, 6)}`;
    const connection = new Connection(this.world, arn, secretArn, properties);
    this.byArn.set(arn, connection);
    return connection;
  }

  find(arn: string): Connection | undefined {
    return this.byArn.get(arn);
  }
}

import type { Connections } from './connections';
import type { PropertySchema, ResourceProvider } from '../../cloudformation/resource-provider';

const PARAMETER: PropertySchema = { Key: true, Value: true, IsValueSecret: 'inert' };
const HTTP_PARAMETERS: PropertySchema = { HeaderParameters: [PARAMETER], QueryStringParameters: [PARAMETER], BodyParameters: [PARAMETER] };

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-connection.html */
export function connectionProvider(connections: Connections): ResourceProvider {
  return {
    type: 'AWS::Events::Connection',
    properties: {
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
    },
    create: ({ properties, generatedName }) => {
      const name: string = properties.Name ?? generatedName(64);
      const { arn, secretArn } = connections.create({ ...properties, Name: name });
      return { ref: name, attributes: { Arn: arn, ArnForPolicy: arn.slice(0, arn.lastIndexOf('/')), SecretArn: secretArn } };
    },
  };
}

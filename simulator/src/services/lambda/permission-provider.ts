import type { FunctionDirectory } from './function-directory';
import type { ResourceProvider } from '../../cloudformation/resource-provider';
import type { World } from '../../service';

/** A statement of the function's resource policy. https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html */
export function permissionProvider(world: World, directory: FunctionDirectory): ResourceProvider {
  return {
    type: 'AWS::Lambda::Permission',
    properties: {
      Action: true,
      FunctionName: true,
      Principal: true,
      SourceArn: true,
      SourceAccount: true,
      EventSourceToken: () => 'EventSourceToken is not simulated (Alexa)',
      FunctionUrlAuthType: () => 'FunctionUrlAuthType is not simulated: function URLs are not',
      InvokedViaFunctionUrl: () => 'InvokedViaFunctionUrl is not simulated: function URLs are not',
      PrincipalOrgID: () => 'PrincipalOrgID is not simulated: there are no organizations',
    },
    create: (resource) => {
      const { Action, FunctionName, Principal, SourceArn, SourceAccount } = resource.properties;
      const arn = directory.target(FunctionName).arn;
      world.iam.addResourcePolicy(arn, {
        Version: '2012-10-17',
        Statement: [{
          Sid: resource.logicalId,
          Effect: 'Allow',
          Action,
          Resource: arn,
          Principal: principalOf(String(Principal)),
          Condition: {
            ...(SourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': SourceArn } }),
            ...(SourceAccount === undefined ? {} : { StringEquals: { 'AWS:SourceAccount': SourceAccount } }),
          },
        }],
      });
      return { ref: resource.generatedName(), attributes: { Id: resource.logicalId } };
    },
  };
}

function principalOf(principal: string): unknown {
  if (principal === '*') return '*';
  return principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal };
}

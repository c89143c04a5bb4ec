import { inert, type ResourceProvider } from './resource-provider';

/** Types that change nothing about how a system behaves here. */
export const INERT_TYPES: readonly ResourceProvider[] = [
  inert('AWS::CDK::Metadata'),
  inert('AWS::CloudWatch::Dashboard'),
  inert('AWS::XRay::Group', ['GroupARN']),
  inert('AWS::XRay::SamplingRule', ['RuleARN']),
  inert('AWS::XRay::TransactionSearchConfig'),
  inert('AWS::CloudFormation::WaitConditionHandle'),
  inert('AWS::ResourceGroups::Group', ['Arn']),
  inert('AWS::ApplicationInsights::Application', ['ApplicationARN']),
  inert('AWS::Logs::QueryDefinition', ['QueryDefinitionId']),
];

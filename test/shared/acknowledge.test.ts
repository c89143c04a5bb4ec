import { App, Stack, Validations } from 'aws-cdk-lib';
import { acknowledgeFinding } from '../../src/shared/acknowledge';

const ID = 'AwsSolutions-IAM5[Resource::arn:aws:s3:::bucket/*]';

describe('a finding that is acknowledged', () => {
  afterEach(() => jest.restoreAllMocks());

  it('is recorded with its reason', () => {
    const stack = new Stack(new App(), 'Stack');
    acknowledgeFinding(stack, ID, 'the keys are not known in advance');
    expect(JSON.stringify(stack.node.metadata)).toContain('the keys are not known in advance');
  });

  it('is left as it is where the release of the CDK cannot read its id', () => {
    fails('InvalidValidationId');
    expect(() => acknowledgeFinding(new Stack(), ID, 'reason')).not.toThrow();
  });

  it('does not hide that it could not be recorded for another reason', () => {
    fails('SomethingElse');
    expect(() => acknowledgeFinding(new Stack(), ID, 'reason')).toThrow('refused');
  });
});

function fails(name: string): void {
  jest.spyOn(Validations.prototype, 'acknowledge').mockImplementation(() => { throw Object.assign(new Error('refused'), { name }); });
}

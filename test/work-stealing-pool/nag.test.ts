import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { rendering } from './fixtures';
import { WorkerGroup, WorkStealingPool } from '../../src';
import { violations } from '../nag';

it('cdk-nag AwsSolutions finds nothing with default props, whatever a group is', () => {
  expect(violations((stack) => {
    const pool = new WorkStealingPool(stack, 'Render');
    const imported = LambdaFunction.fromFunctionArn(stack, 'OnGpu', 'arn:aws:lambda:us-east-1:123456789012:function:gpu');
    pool.addGroup('Gpu', WorkerGroup.function(imported, { maxConcurrency: 8, taskTimeout: Duration.minutes(5) }));
    const fleet = pool.addGroup('Fleet', WorkerGroup.external());
    const worker = new Role(stack, 'Worker', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    fleet.grantWork(worker);
    fleet.grantControl(worker);
    pool.grantSubmit(worker);
  })).toEqual([]);
});

it('cdk-nag would find something if there were something to find', () => {
  expect(violations((stack) => {
    rendering(stack);
  })).toEqual(expect.arrayContaining(['AwsSolutions-L1']));
});

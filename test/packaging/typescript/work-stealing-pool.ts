import { CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { addAlarmAction, addFunction, addKey } from './parts';
import { Stealing, TaskRouter, WorkerGroup, WorkStealingPool } from 'cdk-integration-patterns';

export class WorkStealingPoolStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const submitter = addFunction(this, 'Submitter');
    const render = addFunction(this, 'Render');

    const pool = new WorkStealingPool(this, 'Farm', {
      router: TaskRouter.affinity('tenantId'),
      stealing: Stealing.leader({ interval: Duration.seconds(20), minimumGain: Duration.seconds(4) }),
      lease: Duration.seconds(45),
      maxReceiveCount: 7,
      retryDelay: Duration.seconds(15),
      taskRetention: Duration.days(20),
      encryptionKey: addKey(this),
      logRetention: logs.RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
      alarms: { actions: [addAlarmAction(this)], oldestAge: Duration.minutes(40) },
    });
    const gpu = pool.addGroup('Gpu', WorkerGroup.function(render, {
      maxConcurrency: 6,
      weight: 4,
      typicalTask: Duration.seconds(3),
      taskTimeout: Duration.seconds(60),
      stealsFrom: ['Fleet'],
    }));
    gpu.addCommitter(render);
    const fleet = pool.addGroup('Fleet', WorkerGroup.external({ weight: 2, stealsFrom: ['Gpu'] }));
    fleet.grantWork(submitter);
    pool.grantSubmit(submitter);

    const still = new WorkStealingPool(this, 'Still', { router: TaskRouter.leastLoaded(), stealing: Stealing.disabled() });
    still.addGroup('Only', WorkerGroup.function(addFunction(this, 'Only'), { maxConcurrency: 2 }));

    new CfnOutput(this, 'FleetSettings', { value: fleet.workerSettings });
  }
}

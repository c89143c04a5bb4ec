import { App } from 'aws-cdk-lib';
import { OrchestratedSagaStack } from './orchestrated-saga';
import { PortableStack } from './portable';
import { ScatterGatherStack } from './scatter-gather';
import { ThrottledFanOutStack } from './throttled-fan-out';
import { TransactionalOutboxStack } from './transactional-outbox';
import { WorkStealingPoolStack } from './work-stealing-pool';

/** Every construct, with props that are not the default ones. The apps in the other languages are this one, file by file. */
const app = new App();
new ScatterGatherStack(app, 'ScatterGather');
new TransactionalOutboxStack(app, 'TransactionalOutbox');
new OrchestratedSagaStack(app, 'OrchestratedSaga');
new ThrottledFanOutStack(app, 'ThrottledFanOut');
new WorkStealingPoolStack(app, 'WorkStealingPool');
new PortableStack(app, 'Portable');
app.synth();

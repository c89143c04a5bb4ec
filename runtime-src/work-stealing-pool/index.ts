/**
 * For those who do a pool's tasks: a worker outside Lambda, and commits that bring about effects once. Nothing here imports the CDK; the AWS SDK is loaded
 * when it is first needed.
 */
export { PoolWorker, type PoolWorkerProps } from './worker';
export { type Work } from './attempts';
export { type WorkerEvent } from './worker-events';
export { commitTask, type CommitOptions, StaleTask } from './commit';
export { type Assignment, type WorkerSettings } from '../../src/work-stealing-pool/contract';
export { type Client } from '../shared/client';

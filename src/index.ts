export { SagaAlarmOptions, SagaAlarms, SagaAlarmsProps } from './orchestrated-saga/alarms';
export { SagaRecovery, SagaWorkflow } from './orchestrated-saga/modes';
export { OrchestratedSaga } from './orchestrated-saga/orchestrated-saga';
export { OrchestratedSagaProps } from './orchestrated-saga/props';
export { SagaIsolation, SemanticLockOptions } from './orchestrated-saga/saga-isolation';
export { SagaParticipant, SagaParticipantProps } from './orchestrated-saga/saga-participant';
export { ExponentialRetryOptions, SagaRetry } from './orchestrated-saga/saga-retry';
export { FunctionStepOptions, HumanApprovalOptions, SagaStep, SagaStepOptions, TaskStepOptions } from './orchestrated-saga/saga-step';
export { UnknownOutcome } from './orchestrated-saga/unknown-outcome';
export { PortableStackSynthesizer, PortableStackSynthesizerProps } from './portable/portable-stack-synthesizer';
export { ScatterGatherAlarmOptions, ScatterGatherAlarms, ScatterGatherAlarmsProps } from './scatter-gather/alarms';
export { GatherCompletion } from './scatter-gather/gather-completion';
export { ScatterGatherMode } from './scatter-gather/mode';
export { ReplyAggregation } from './scatter-gather/reply-aggregation';
export { RequestMapping, RequestMappingOptions } from './scatter-gather/request-mapping';
export { FunctionResponderOptions, Responder, ResponderOptions } from './scatter-gather/responder';
export { ScatterGatherProps } from './scatter-gather/props';
export { ScatterGather } from './scatter-gather/scatter-gather';
export { AdaptiveRate, AimdOptions } from './throttled-fan-out/adaptive-rate';
export {
  FanOutAlarmOptions, ThrottledFanOutAlarms, ThrottledFanOutAlarmsProps, ThrottledTargetAlarms, ThrottledTargetAlarmsProps,
} from './throttled-fan-out/alarms';
export { FanOutTarget, HttpTargetProps } from './throttled-fan-out/fan-out-target';
export { KillSwitch, KillSwitchOptions } from './throttled-fan-out/kill-switch';
export { ThrottledFanOutProps, ThrottledTargetOptions } from './throttled-fan-out/props';
export { Rate, RateOptions } from './throttled-fan-out/rate';
export { ThrottledFanOut } from './throttled-fan-out/throttled-fan-out';
export { ThrottledTarget } from './throttled-fan-out/throttled-target';
export { OutboxAlarmOptions, OutboxAlarms, OutboxAlarmsProps } from './transactional-outbox/alarms';
export { FunctionDestinationOptions, OutboxDestination } from './transactional-outbox/destination';
export { Inbox, InboxProps } from './transactional-outbox/inbox';
export { OutboxReplay, OutboxReplayProps } from './transactional-outbox/outbox-replay';
export { PayloadFormat } from './transactional-outbox/payload-format';
export { PoisonPolicy } from './transactional-outbox/poison-policy';
export { TransactionalOutboxProps } from './transactional-outbox/props';
export { ChangesSourceOptions, OutboxSource, RowsSourceOptions } from './transactional-outbox/source';
export { TransactionalOutbox } from './transactional-outbox/transactional-outbox';
export {
  PoolAlarmOptions, PoolGroupAlarms, PoolGroupAlarmsProps, WorkStealingPoolAlarms, WorkStealingPoolAlarmsProps,
} from './work-stealing-pool/alarms';
export { PoolGroup } from './work-stealing-pool/pool-group';
export { WorkStealingPoolProps } from './work-stealing-pool/props';
export { LeaderStealingOptions, Stealing } from './work-stealing-pool/stealing';
export { TaskRouter } from './work-stealing-pool/task-router';
export { WorkStealingPool } from './work-stealing-pool/work-stealing-pool';
export { ExternalGroupOptions, FunctionGroupOptions, WorkerGroup } from './work-stealing-pool/worker-group';

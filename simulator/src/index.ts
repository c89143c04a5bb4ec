export type { DeployedResource } from './cloudformation/stack-deployment';
export type { Denial, UnusedGrant } from './iam/iam';
export {
  type CallFault, type DeliveryFault, type EnvironmentFault, type FaultableCall, type FaultableDelivery, type FaultableEnvironment, type FaultPlan,
  type FaultRates, NO_FAULTS, RandomFaults, type ScriptedClock, type ScriptedFault, ScriptedFaults,
} from './kernel/faults';
export type { RunEnd, RunOptions } from './kernel/kernel';
export { DEFAULT_LATENCY, type Latency, type LatencyModel } from './kernel/latency';
export { Random } from './kernel/random';
export type { TraceEntry, TraceOptions } from './kernel/trace';
export type { ProcessEnd } from './processes/outside-process';
export type { ProcessOptions, ProcessRun } from './processes/process-run';
export { type Service, ServiceError, type ServiceFactory, type World } from './service';
export type { CloudWatchService, LogsService } from './services/cloudwatch';
export type { AttributeMap, DynamoDbService } from './services/dynamodb';
export type { EventsService } from './services/events';
export type { EndpointHandler, EndpointTools, HttpAnswer, HttpRequest, HttpService } from './services/http';
export type { FunctionOverride, LambdaService, OverrideTools } from './services/lambda';
export { IDLE_MAPPING_REQUESTS_PER_MINUTE } from './services/lambda/idle-polls';
export type { PipesService } from './services/pipes';
export type { SchedulerService } from './services/scheduler';
export type { QueueReport, SqsService } from './services/sqs';
export type { ExecutionResult, StatesService } from './services/stepfunctions';
export { Simulation, type SimulationOptions } from './simulation';
export type { Report } from './simulation/report';
export type { Outcome, Run } from './simulation/start';

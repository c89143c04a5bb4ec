export { ScatterGatherAlarmOptions, ScatterGatherAlarms, ScatterGatherAlarmsProps } from './scatter-gather/alarms';
export { GatherCompletion } from './scatter-gather/gather-completion';
export { ScatterGatherMode } from './scatter-gather/mode';
export { ReplyAggregation } from './scatter-gather/reply-aggregation';
export { RequestMapping, RequestMappingOptions } from './scatter-gather/request-mapping';
export { FunctionResponderOptions, Responder, ResponderOptions } from './scatter-gather/responder';
export { ScatterGatherProps } from './scatter-gather/props';
export { ScatterGather } from './scatter-gather/scatter-gather';

export { type AlarmStateValue } from './alarm-evaluation';
export { type AlarmStateChange } from './alarms';
export { type CloudWatchService, cloudWatchService } from './cloudwatch-service';
export { type LogsService, logsService } from './logs-service';
export { type Gauge, metricRecorder, type MetricRecord, type MetricRecorder, metricSink, type MetricSink } from './metric';

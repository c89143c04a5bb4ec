import { StateType } from '../definition';

const COMMON = ['Type', 'Comment', 'QueryLanguage'];
const MAP = ['ItemProcessor', 'Iterator', 'ItemReader', 'ItemSelector', 'ItemBatcher', 'ResultWriter', 'Label', 'MaxConcurrency', 'ToleratedFailureCount', 'ToleratedFailurePercentage'];

/** The fields of each type in both languages, beside `Comment` and the like. */
const SHARED: Record<StateType, readonly string[]> = {
  Pass: ['Next', 'End', 'Assign'],
  Task: ['Next', 'End', 'Assign', 'Resource', 'Credentials', 'TimeoutSeconds', 'HeartbeatSeconds', 'Retry', 'Catch'],
  Choice: ['Choices', 'Default', 'Assign'],
  Wait: ['Next', 'End', 'Assign', 'Seconds', 'Timestamp'],
  Succeed: [],
  Fail: ['Error', 'Cause'],
  Parallel: ['Next', 'End', 'Assign', 'Branches', 'Retry', 'Catch'],
  Map: ['Next', 'End', 'Assign', 'Retry', 'Catch', ...MAP],
};

const ONLY_JSONPATH: Record<StateType, readonly string[]> = {
  Pass: ['InputPath', 'OutputPath', 'Parameters', 'ResultPath', 'Result'],
  Task: ['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath', 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
  Choice: ['InputPath', 'OutputPath'],
  Wait: ['InputPath', 'OutputPath', 'SecondsPath', 'TimestampPath'],
  Succeed: ['InputPath', 'OutputPath'],
  Fail: ['ErrorPath', 'CausePath'],
  Parallel: ['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath'],
  Map: ['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath', 'ItemsPath', 'MaxConcurrencyPath', 'ToleratedFailureCountPath', 'ToleratedFailurePercentagePath'],
};

const ONLY_JSONATA: Record<StateType, readonly string[]> = {
  Pass: ['Output'],
  Task: ['Arguments', 'Output'],
  Choice: ['Output'],
  Wait: ['Output'],
  Succeed: ['Output'],
  Fail: [],
  Parallel: ['Arguments', 'Output'],
  Map: ['Output', 'Items'],
};

export const STATE_TYPES = Object.keys(SHARED) as StateType[];

export function knownFields(type: StateType, jsonata: boolean): string[] {
  return [...COMMON, ...SHARED[type], ...(jsonata ? ONLY_JSONATA : ONLY_JSONPATH)[type]];
}

export function belongsToOtherLanguage(field: string, type: StateType, jsonata: boolean): boolean {
  return (jsonata ? ONLY_JSONPATH : ONLY_JSONATA)[type].includes(field);
}

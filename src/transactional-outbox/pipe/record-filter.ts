import { Filter, FilterPattern, IFilter } from '@aws-cdk/aws-pipes-alpha';
import { ChangeTypes, ROW } from '../contract';

/** New outbox rows. In a table that has other items too, what has an event id is one. Deletions by time to live are none. */
export function newRows(ownTable: boolean): IFilter {
  const isRow = { dynamodb: { NewImage: { [ROW.EVENT_ID]: { S: [{ exists: true }] } } } };
  return new Filter([FilterPattern.fromObject({ eventName: ['INSERT'], ...(ownTable ? {} : isRow) })]);
}

/** The kinds of changes that have a type. */
export function typedChanges({ insert, modify, remove }: ChangeTypes): IFilter {
  const kinds = { INSERT: insert, MODIFY: modify, REMOVE: remove };
  return new Filter([FilterPattern.fromObject({ eventName: Object.entries(kinds).flatMap(([name, type]) => (type === undefined ? [] : [name])) })]);
}

import type { ChangeOrigin, RowOrigin } from './envelope';
import { type ChangeTypes, type DestinationKind, ENV, type PayloadFormatName } from '../../src/transactional-outbox/contract';
import { requiredEnv } from '../shared/env';

/** Whose events these are, out of the handler's environment. */
export function originOfEvents(): RowOrigin | ChangeOrigin {
  return requiredEnv(ENV.SOURCE_KIND) === 'CHANGES' ? changesInEnvironment() : rowsInEnvironment();
}

export function rowsInEnvironment(): RowOrigin {
  return { kind: 'ROWS', ...table(), payloadFormat: requiredEnv(ENV.PAYLOAD_FORMAT) as PayloadFormatName };
}

function changesInEnvironment(): ChangeOrigin {
  return { kind: 'CHANGES', ...table(), changeTypes: JSON.parse(requiredEnv(ENV.CHANGE_TYPES)) as ChangeTypes };
}

function table() {
  return { source: requiredEnv(ENV.EVENT_SOURCE), tableName: requiredEnv(ENV.TABLE_NAME) };
}

export function destinationInEnvironment(): { kind: DestinationKind; address: string } {
  return { kind: requiredEnv(ENV.DESTINATION_KIND) as DestinationKind, address: requiredEnv(ENV.DESTINATION) };
}

export { type Connection, NotAuthorized } from './connection';
export { type EventsService, eventsService, type ServiceEvent } from './events-service';
export { withQuery } from './http-parameters';
export { EventPattern, matchesFilterPattern, matchesPattern, validateFilterPattern, validatePattern } from './pattern';
export { type EventEnvelope } from './put-events';

export { type EventsService, eventsService, type ServiceEvent } from './events-service';
export { EventPattern, matchesFilterPattern, matchesPattern, validateFilterPattern, validatePattern } from './pattern';
export { type EventEnvelope } from './put-events';

import { ApiDestination } from './api-destination';
import { FunctionDestination } from './function';
import { HttpDestination } from './http';
import { QueueDestination } from './queue';
import { StateMachineDestination } from './state-machine';
import type { Destination } from '../../../src/throttled-fan-out/contract';
import { eventBridgeClient, lambdaClient, ONE_TRY, sfnClient, sqsClient } from '../../shared/clients';
import type { Deliverer } from '../delivering';

export function delivererTo(destination: Destination): Deliverer {
  switch (destination.kind) {
    case 'FUNCTION': return new FunctionDestination(lambdaClient(ONE_TRY), destination.functionArn);
    case 'QUEUE': return new QueueDestination(sqsClient(ONE_TRY), destination.queueUrl);
    case 'STATE_MACHINE': return new StateMachineDestination(sfnClient(ONE_TRY), destination.stateMachineArn);
    case 'HTTP': return new HttpDestination(sfnClient(ONE_TRY), destination.stateMachineArn);
    case 'API_DESTINATION': return new ApiDestination(eventBridgeClient(ONE_TRY), destination.eventBusName);
  }
}

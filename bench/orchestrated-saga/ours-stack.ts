import { Duration, Stack } from 'aws-cdk-lib';
import type { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Design } from './design';
import type { End } from './judge';
import { operate } from './operator';
import type { Participants } from './participants';
import type { SagaShape, ShapeStep } from './saga-shape';
import type { Scene } from './scene';
import { REFUSAL, STEP_TIMEOUT_SECONDS } from './trouble';
import type { DynamoDbService } from '../../simulator/src';
import { OrchestratedSaga, SagaStep } from '../../src';

const SAGA = 'Trip';

export const orchestratedSaga: Design = {
  name: 'OrchestratedSaga',
  machine: `${SAGA}/StateMachine`,
  // Behind the pivot nothing goes back. Nobody knows what a charge has done that never answers.
  undoesPivot: { step: 'Charge', direction: 'DO', fault: 'crash after effect for ever' },

  build(stack, shape, participants, timeLimit) {
    const saga = new OrchestratedSaga(stack, SAGA, { steps: stepsOf(shape, participants), deadline: Duration.minutes(10) });
    if (timeLimit) limit(saga, timeLimit);
  },

  /** As the registry has it. Who is parked has a message, too. */
  async ends(scene, { sagaId }) {
    const { simulation } = scene;
    const table = simulation.find(`${SAGA}/Sagas`, ['AWS::DynamoDB::Table']).provisioned.ref;
    const item = simulation.world.service<DynamoDbService>('dynamodb').items(table).find(({ sagaId: id }) => id.S === sagaId);
    const status = item?.status.S;
    if (status === 'PARKED') return await isTold(scene, sagaId) ? [status] : [];
    return status === 'COMPLETED' || status === 'COMPENSATED' ? [status satisfies End] : [];
  },
};

function stepsOf(shape: SagaShape, participants: Participants): SagaStep[] {
  const step = ({ id, pivot, behindPivot }: ShapeStep) => SagaStep.function(id, {
    action: participants.doing(id),
    timeout: Duration.seconds(STEP_TIMEOUT_SECONDS),
    ...(behindPivot ? { retriable: true } : { compensation: participants.undoing(id), abortOn: [REFUSAL], pivot }),
  });
  return shape.map((unit) => ('steps' in unit ? SagaStep.parallel(unit.id, unit.steps.map(step)) : step(unit)));
}

/** The limit that the construct computes is beyond all that a bench does. */
function limit(saga: OrchestratedSaga, timeLimit: Duration) {
  const machine = saga.stateMachine.node.defaultChild as CfnStateMachine;
  const definition = JSON.stringify(Stack.of(saga).resolve(machine.definitionString));
  const limited = definition.replace(/(\\"TimeoutSeconds\\":)\d+(,\\"StartAt\\":\\"Begin\\")/, `$1${timeLimit.toSeconds()}$2`);
  if (limited === definition) throw new Error('the definition has no TimeoutSeconds before its StartAt');
  machine.addPropertyOverride('DefinitionString', JSON.parse(limited));
}

/** Reads the parked queue as somebody would who looks after it, and empties it. */
async function isTold({ simulation }: Scene, sagaId: string): Promise<boolean> {
  const QueueUrl = simulation.find(`${SAGA}/ParkedSagas`, ['AWS::SQS::Queue']).provisioned.ref;
  const { Messages = [] } = await operate<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(simulation, 'sqs', 'ReceiveMessage', { QueueUrl });
  for (const { ReceiptHandle } of Messages) await operate(simulation, 'sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
  return Messages.some(({ Body }) => JSON.parse(Body).sagaId === sagaId);
}

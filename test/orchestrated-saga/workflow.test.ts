import { compileRecovery, compileSaga } from '../../src/orchestrated-saga/workflow/compile';
import type { SagaDescription, StepDescription } from '../../src/orchestrated-saga/workflow/description';

// eslint-disable-next-line @typescript-eslint/no-require-imports
const validate: (definition: unknown) => { isValid: boolean; errorsText: (separator: string) => string } = require('asl-validator');

export function step(id: string, more: Partial<StepDescription> = {}): StepDescription {
  return {
    kind: 'STEP',
    id,
    action: { kind: 'FUNCTION', functionArn: `arn:aws:lambda:us-east-1:123456789012:function:${id}` },
    compensation: { kind: 'FUNCTION', functionArn: `arn:aws:lambda:us-east-1:123456789012:function:Undo${id}` },
    timeoutSeconds: 30,
    compensationTimeoutSeconds: 30,
    retry: { maxAttempts: 3, intervalSeconds: 1, backoffRate: 2, maxIntervalSeconds: 30 },
    abortOn: ['NoSeats'],
    onUnknown: { kind: 'COMPENSATE' },
    pivot: false,
    ...more,
  };
}

export function saga(steps: SagaDescription['steps'], more: Partial<SagaDescription> = {}): SagaDescription {
  return {
    saga: 'Trip',
    partition: 'aws',
    steps,
    deadlineSeconds: 600,
    sagaId: '$exists($input.sagaId) ? $input.sagaId : $states.context.Execution.Name',
    retentionSeconds: 1000,
    tableName: 'Sagas',
    eventBusName: 'default',
    parkedQueueUrl: 'https://sqs/parked',
    recovered: true,
    ...more,
  };
}

const TRIP = saga([
  step('ReserveHotel'),
  { kind: 'GROUP', id: 'Transport', steps: [step('ReserveFlight'), step('ReserveCar', { onUnknown: { kind: 'QUERY', functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:Query' } })] },
  step('Charge', { pivot: true, onUnknown: { kind: 'QUERY', functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:Query' } }),
  step('SendTicket', { compensation: undefined }),
], { lock: { tableName: 'Orders', key: { id: '$input.orderId' } } });

test.each([['saga', compileSaga(TRIP)], ['recovery', compileRecovery(TRIP, 'arn:aws:lambda:us-east-1:123456789012:function:Recover')]])('the definition of the %s is valid', (_, definition) => {
  const result = validate(definition);
  expect(result.isValid ? '' : result.errorsText('\n')).toBe('');
});

test('states are named as the user named the steps', () => {
  expect(Object.keys(compileSaga(TRIP).States)).toMatchSnapshot();
});

test.each([
  ['two steps without a recovery', saga([step('A'), step('B', { abortOn: [], compensation: undefined })], { recovered: false })],
  ['a group and a pivot that cannot be undone', saga([{ kind: 'GROUP', id: 'G', steps: [step('A'), step('B', { onUnknown: { kind: 'PARK' } })] }, step('P', { pivot: true, compensation: undefined })])],
])('the definition of %s is as it was', (_, description) => {
  expect(compileSaga(description)).toMatchSnapshot();
});

test('an action and its compensation have keys of their own', () => {
  const { States } = compileSaga(saga([step('A'), step('B')]));
  expect(States.A.Arguments.Payload).toContain('$sagaId & "#A#DO"');
  expect(States['Undo A'].Arguments.Payload).toContain('$sagaId & "#A#UNDO"');
});

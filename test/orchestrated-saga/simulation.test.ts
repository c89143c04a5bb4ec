import { run, scene } from './scene';
import { itemsOf } from '../simulate';

test('a trip completes in k + 3 transitions, a parallel group counted with its branches and its choice', async () => {
  const { simulation, services } = scene();
  const outcome = await run(simulation);
  expect(outcome).toMatchObject({ status: 'SUCCEEDED', output: { sagaId: 's-1', status: 'COMPLETED', compensations: [] } });
  expect(services.done('s-1')).toEqual(['ReserveHotel', 'ReserveFlight', 'ReserveCar', 'Charge', 'SendTicket']);
  expect(itemsOf(simulation, 'Trip/Sagas')).toMatchObject([{ sagaId: 's-1', status: 'COMPLETED' }]);
});

test('a declared failure undoes what was done before it, in reverse order', async () => {
  const { simulation, services } = scene({ behaviours: { Charge: () => { throw Object.assign(new Error('declined'), { name: 'CardDeclined' }); } } });
  const outcome = await run(simulation);
  expect(outcome.output).toMatchObject({
    status: 'COMPENSATED',
    failure: { step: 'Charge', error: 'CardDeclined', cause: 'declined' },
    compensations: [{ step: 'ReserveFlight', status: 'DONE' }, { step: 'ReserveCar', status: 'DONE' }, { step: 'ReserveHotel', status: 'DONE' }],
  });
  expect(services.done('s-1')).toEqual([]);
  expect(services.calls.filter((key) => key.endsWith('UNDO'))).not.toContain('s-1#Charge#UNDO');
});

/**
 * Run by process.test.ts in a process of its own: in jest's process an unhandled rejection never reaches the simulator. Prints how the process ended.
 */
import { load, remove, start } from './fleet';

async function main() {
  const simulation = load();
  const { result } = start(simulation, `exports.handler = async () => {
    void Promise.reject(new Error('lost'));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }`);
  await simulation.run();
  console.log(JSON.stringify(await result));
  remove();
}

void main();

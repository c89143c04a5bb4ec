/** Run by runtime.test.ts in processes with other time zones: prints what the handler, given as source, answers. */
import { LambdaWorld } from './lambda-world';

async function main() {
  const world = new LambdaWorld();
  world.deploy('fn', process.argv[2]);
  console.log((await world.invoke('fn')).Payload);
}

void main();

import { main, type Terminal } from './simulate-command';

const terminal: Terminal = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
};

// A reader such as `head` may leave early.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

// What fails outside of any call is a failure of the simulation, and is reported like the others.
process.on('uncaughtException', (error) => {
  terminal.err(error.message);
  terminal.out(JSON.stringify({ status: 'ERROR', error: error.message }));
  process.exit(2);
});

void main(process.argv.slice(2), terminal).then((code) => { process.exitCode = code; });

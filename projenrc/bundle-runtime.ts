import * as path from 'path';
import { bundleRuntimeLibraries } from './runtime-bundle';

const root = path.join(__dirname, '..');

bundleRuntimeLibraries({ sourceDir: path.join(root, 'runtime-src'), outDir: path.join(root, 'runtime') }).then(
  (count) => console.log(`bundled ${count} runtime librar${count === 1 ? 'y' : 'ies'} into runtime/`),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);

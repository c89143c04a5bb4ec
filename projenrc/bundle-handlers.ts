import * as path from 'path';
import { bundleHandlers } from './handler-bundles';

const root = path.join(__dirname, '..');

bundleHandlers({ sourceDir: path.join(root, 'lambda-src'), assetDir: path.join(root, 'assets') }).then(
  (count) => console.log(`bundled ${count} handler(s) into assets/`),
  (error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);

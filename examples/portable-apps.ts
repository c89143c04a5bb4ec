import type { AppProps } from 'aws-cdk-lib';
import { PortableStackSynthesizer } from '../src';

/**
 * Loaded before an example, it makes each app's stacks portable, although the example says nothing of it: what an app can be told from outside is
 * context, and a synthesizer is an object.
 */
// The module itself, not a copy of what it exports, since it is its App that is replaced.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const cdk: typeof import('aws-cdk-lib') = require('aws-cdk-lib');

class PortableApp extends cdk.App {
  constructor(props: AppProps = {}) {
    super({ defaultStackSynthesizer: new PortableStackSynthesizer(), ...props });
  }
}

Object.defineProperty(cdk, 'App', { value: PortableApp });

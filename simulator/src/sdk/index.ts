export { connect, type ConnectOptions } from './connect';
export type { SdkBinding } from './binding';
export { boundSdkModule, isSdkModule } from './module';

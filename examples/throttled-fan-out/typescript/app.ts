import { App } from 'aws-cdk-lib';
import { NotificationsStack } from './notifications-stack';

const app = new App();
new NotificationsStack(app, 'Notifications');

import { App } from 'aws-cdk-lib';
import { RenderFarmStack } from './render-farm-stack';

new RenderFarmStack(new App(), 'RenderFarm');

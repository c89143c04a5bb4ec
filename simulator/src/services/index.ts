import type { ServiceFactory } from '../service';
import { cloudWatchService, logsService } from './cloudwatch';
import { dynamodbService } from './dynamodb';
import { eventsService } from './events';
import { httpService } from './http';
import { iamService } from './iam';
import { kmsService } from './kms';
import { type LambdaOptions, lambdaService } from './lambda';
import { pipesService } from './pipes';
import { s3Service } from './s3';
import { schedulerService } from './scheduler';
import { snsService } from './sns';
import { sqsService } from './sqs';
import { statesService, type StatesOptions } from './stepfunctions';

export interface ServiceOptions {
  readonly lambda?: LambdaOptions;
  readonly states?: StatesOptions;
}

/** Every simulated service. */
export function allServices(options: ServiceOptions = {}): ServiceFactory[] {
  return [
    iamService,
    kmsService,
    cloudWatchService,
    logsService,
    httpService,
    sqsService,
    snsService,
    s3Service,
    dynamodbService,
    eventsService,
    pipesService,
    schedulerService,
    (world) => lambdaService(world, options.lambda),
    (world) => statesService(world, options.states),
  ];
}

/* eslint-disable @typescript-eslint/no-require-imports */
import type * as S3 from '@aws-sdk/client-s3';

/** Loaded when it is first needed: a client costs a cold start, and most events fit into their rows. */
export function s3Sdk(): typeof S3 {
  return require('@aws-sdk/client-s3');
}

let s3: S3.S3Client | undefined;

/** Used by readers and writers that bring none. */
export function ownS3(): S3.S3Client {
  s3 ??= new (s3Sdk().S3Client)({});
  return s3;
}
